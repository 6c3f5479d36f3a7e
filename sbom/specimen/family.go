package specimen

// Family is a kind of delivery.
type Family string

// The families.
const (
	Relay       Family = "relay"        // protection relay of a substation
	RTU         Family = "rtu"          // remote terminal unit
	EdgeRouter  Family = "edge-router"  // of a telecom operator
	BaseStation Family = "base-station" // radio unit and baseband
	Signalling  Family = "signalling"   // controller of a railway
	CoreServer  Family = "core-server"  // of a bank
	Historian   Family = "historian"    // hosted process history: a service, with no crate
)

// Families returns every family.
func Families() []Family {
	return []Family{Relay, RTU, EdgeRouter, BaseStation, Signalling, CoreServer, Historian}
}

// blueprint is what a family is made of.
type blueprint struct {
	product  string
	boards   []string // names of boards, each a device
	parts    []part   // what stands on boards
	firmware []string
	library  []string // in firmware, and what a service is built of
	services []service
}

type part struct{ name, function string }

type service struct {
	name     string
	data     []string // classifications
	access   string   // privilege of remote access, "" if there is none
	alwaysOn bool
}

var electronics = []part{
	{"application processor", "processor"},
	{"flash memory", "storage"},
	{"DRAM", "memory"},
	{"Ethernet PHY", "network"},
	{"programmable logic", "logic"},
	{"secure element", "security"},
	{"step-down converter", "power"},
	{"supply supervisor", "supervisor"},
	{"temperature sensor", "sensor"},
	{"oscillator", "clock"},
	{"optocoupler", "isolator"},
	{"board connector", "connector"},
	{"capacitor", "passive"},
	{"resistor network", "passive"},
	{"heat sink", "mechanical"},
	{"flat cable", "cable"},
}

var libraries = []string{"kernel", "libc", "tls", "zlib", "sqlite", "modbus", "iec61850", "ntp", "snmp", "json", "bootloader", "shell", "ssh", "webserver", "logging"}

var vendorCare = service{name: "remote maintenance", data: []string{"Operational"}, access: "update", alwaysOn: true}

var blueprints = map[Family]blueprint{
	Relay:       {"protection relay", []string{"processor board", "binary input board", "power supply board", "communication board"}, electronics, []string{"relay firmware", "communication firmware"}, libraries, nil},
	RTU:         {"remote terminal unit", []string{"controller board", "analogue input board", "power supply board"}, electronics, []string{"controller firmware"}, libraries, []service{vendorCare}},
	EdgeRouter:  {"edge router", []string{"route processor", "line card", "fabric card", "power supply board"}, electronics, []string{"router operating system", "line card firmware"}, libraries, []service{vendorCare, {name: "telemetry collection", data: []string{"Network topology"}}}},
	BaseStation: {"base station", []string{"baseband board", "radio board", "timing board", "power supply board"}, electronics, []string{"baseband software", "radio firmware"}, libraries, []service{vendorCare}},
	Signalling:  {"signalling controller", []string{"vital processor board", "voter board", "object interface board", "power supply board"}, electronics, []string{"interlocking software"}, libraries, nil},
	CoreServer:  {"core banking server", []string{"main board", "storage backplane", "management controller board", "network card"}, electronics, []string{"platform firmware", "management controller firmware"}, libraries, []service{vendorCare}},
	Historian: {"hosted process history", nil, nil, nil, libraries, []service{
		{name: "history store", data: []string{"Process data", "Operational"}},
		{name: "reporting portal", data: []string{"Process data", "PII"}},
		{name: "operations desk", data: []string{"Operational"}, access: "operate", alwaysOn: true},
		{name: "backup store", data: []string{"Process data"}},
	}},
}
