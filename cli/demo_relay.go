package cli

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// demoPart is one line of the relay's parts list. A board is made where origin
// says and assembled there; an origin may have shares ("JP=70;MY=30").
type demoPart struct {
	place    string // location on the board above, also the end of its bom-ref
	number   string // part number
	revision string
	function string // cdx:device:function
	maker    demoMaker
	origin   string
	quantity int
	what     string
	parts    []demoPart
}

// demoRelayParts is what a feeder protection relay is built of: five boards in
// a case, the modules on them, and what is inside the modules.
var demoRelayParts = []demoPart{
	{"PSU", "HR-PS24", "B", "power", hoshino, "JP", 1, "power supply board, 24 to 110 V DC", []demoPart{
		{"PCB", "KB-4401-06", "3", "board", kawabe, "JP", 1, "printed circuit board, 6 layers", nil},
		{"U1", "RLT-FB220", "A1", "power", rheintal, "DE", 1, "flyback controller", nil},
		{"U2", "RLT-SR18", "A0", "power", rheintal, "DE", 1, "synchronous rectifier", nil},
		{"U3", "LWA-5033", "C", "power", lakewood, "MY", 2, "step-down converter, 3.3 V", nil},
		{"U4", "LWA-5018", "C", "power", lakewood, "MY", 1, "step-down converter, 1.8 V", nil},
		{"U5", "SM-OPT4", "2", "isolator", selat, "MY", 3, "optocoupler", nil},
		{"U6", "LWA-SV7", "B", "sensor", lakewood, "PH", 1, "supply voltage supervisor", nil},
		{"T1", "BNM-EFD30", "1", "transformer", bangna, "TH", 1, "flyback transformer", nil},
		{"L1", "BNM-CM47", "1", "passive", bangna, "TH", 2, "common mode choke", nil},
		{"Q1", "RLT-N650", "B2", "power", rheintal, "DE", 2, "power transistor, 650 V", nil},
		{"C1", "SPC-450V100U", "1", "passive", sorano, "JP", 4, "electrolytic capacitor", nil},
		{"RV1", "SPC-MOV14", "1", "passive", sorano, "JP", 3, "varistor", nil},
		{"F1", "SPC-F2A", "1", "passive", sorano, "JP", 1, "fuse", nil},
		{"J1", "VK-PH508", "1", "connector", vysocina, "CZ", 1, "supply terminal", nil},
	}},
	{"CPU", "HR-CP87", "C", "processor", hoshino, "JP", 1, "protection processor board", []demoPart{
		{"PCB", "KB-4402-12", "5", "board", kawabe, "JP", 1, "printed circuit board, 12 layers", nil},
		{"MOD1", "SM-SOM8", "1.2", "processor", selat, "MY", 1, "system on module", []demoPart{
			{"PCB", "SM-SOM8-P", "1.2", "board", selat, "MY", 1, "module board, 10 layers", nil},
			{"U1", "AZ-8M4", "B0", "processor", selat, "MY", 1, "application processor, four cores", nil},
			{"U2", "MTI-D4-8G", "E", "memory", mactan, "PH", 2, "DRAM, 8 Gbit", nil},
			{"U3", "MTI-EM16", "D", "storage", mactan, "PH", 1, "eMMC, 16 GB", nil},
			{"U4", "LWA-PM8", "A", "power", lakewood, "MY", 1, "power management circuit", nil},
			{"Y1", "SPC-XT24", "1", "passive", sorano, "JP", 1, "crystal, 24 MHz", nil},
		}},
		{"U1", "AZ-DSP320", "C1", "processor", lakewood, "US=60;MY=40", 1, "signal processor for protection functions", nil},
		{"U2", "RLT-FPGA50", "2", "logic", rheintal, "DE", 1, "programmable logic, sampling and trip path", nil},
		{"U3", "MTI-NOR256", "B", "storage", mactan, "PH", 1, "boot flash, 256 Mbit", nil},
		{"U4", "MTI-FR4", "A", "memory", mactan, "PH", 1, "ferroelectric memory for event records", nil},
		{"U5", "SM-SE050", "3", "security", selat, "MY", 1, "secure element for device keys", nil},
		{"U6", "SPC-RTC3", "1", "clock", sorano, "JP", 1, "real-time clock", nil},
		{"U7", "LWA-WD2", "A", "supervisor", lakewood, "PH", 1, "watchdog", nil},
		{"Y1", "SPC-TCXO10", "2", "clock", sorano, "JP", 1, "temperature-compensated oscillator", nil},
		{"BT1", "SPC-CR24", "1", "power", sorano, "JP", 1, "lithium cell for the clock", nil},
		{"J1", "VK-BP96", "1", "connector", vysocina, "CZ", 1, "backplane connector", nil},
		{"J2", "VK-M2B", "1", "connector", vysocina, "CZ", 1, "module socket", nil},
	}},
	{"COM", "HR-NW2", "B", "network", hoshino, "JP", 1, "station bus and process bus board", []demoPart{
		{"PCB", "KB-4403-08", "2", "board", kawabe, "JP", 1, "printed circuit board, 8 layers", nil},
		{"U1", "SM-SW6", "B1", "network", selat, "MY", 1, "Ethernet switch with seamless redundancy", nil},
		{"U2", "LWA-PHY1G", "D", "network", lakewood, "MY", 4, "Ethernet transceiver", nil},
		{"U3", "RLT-TS1588", "A", "clock", rheintal, "DE", 1, "time stamping unit", nil},
		{"U4", "LWA-485", "C", "network", lakewood, "PH", 2, "RS-485 transceiver", nil},
		{"U5", "SM-OPT4", "2", "isolator", selat, "MY", 4, "optocoupler", nil},
		{"MOD1", "NF-SFP-LX", "3", "network", norrsken, "SE", 2, "optical transceiver, single mode", []demoPart{
			{"U1", "NF-LD13", "2", "network", norrsken, "SE", 1, "laser driver", nil},
			{"U2", "NF-TIA2", "1", "network", norrsken, "SE", 1, "receiver amplifier", nil},
			{"U3", "SM-MC8", "4", "processor", selat, "MY", 1, "module controller", nil},
			{"D1", "NF-DFB1310", "2", "network", norrsken, "SE", 1, "laser diode, 1310 nm", nil},
			{"D2", "NF-PIN", "1", "network", norrsken, "SE", 1, "photodiode", nil},
		}},
		{"T1", "BNM-LAN4", "1", "transformer", bangna, "TH", 2, "Ethernet transformer", nil},
		{"J1", "MTI-RJ45S", "1", "connector", mactan, "PH", 2, "Ethernet socket", nil},
		{"J2", "MTI-SFPC", "1", "connector", mactan, "PH", 2, "cage for optical transceivers", nil},
		{"J3", "VK-DB9", "1", "connector", vysocina, "CZ", 1, "serial connector", nil},
		{"J4", "VK-BP96", "1", "connector", vysocina, "CZ", 1, "backplane connector", nil},
	}},
	{"IO", "HR-IO24", "D", "input-output", hoshino, "JP", 1, "measuring and trip board", []demoPart{
		{"PCB", "KB-4404-06", "4", "board", kawabe, "JP", 1, "printed circuit board, 6 layers", nil},
		{"U1", "LWA-AD16", "B", "sensor", lakewood, "US", 2, "analogue-to-digital converter, 8 channels", nil},
		{"U2", "LWA-REF25", "A", "sensor", lakewood, "US", 1, "voltage reference", nil},
		{"U3", "LWA-OP4", "C", "sensor", lakewood, "PH", 6, "operational amplifier", nil},
		{"U4", "SM-ISO6", "1", "isolator", selat, "MY", 4, "digital isolator", nil},
		{"U5", "SM-OPT4", "2", "isolator", selat, "MY", 12, "optocoupler for binary inputs", nil},
		{"U6", "SM-DRV8", "3", "driver", selat, "MY", 2, "relay driver", nil},
		{"K1", "HR-TR30", "A", "actuator", hoshino, "JP", 8, "trip relay, 30 A make", nil},
		{"T1", "BNM-CT5", "2", "sensor", bangna, "TH", 4, "current transformer, 5 A", nil},
		{"T2", "BNM-VT110", "2", "sensor", bangna, "TH", 4, "voltage transformer, 110 V", nil},
		{"C1", "SPC-X7R1U", "1", "passive", sorano, "JP", 160, "ceramic capacitor", nil},
		{"R1", "SPC-RN73", "1", "passive", sorano, "JP", 210, "precision resistor", nil},
		{"RV1", "SPC-MOV10", "1", "passive", sorano, "JP", 24, "varistor", nil},
		{"J1", "VK-CT12", "1", "connector", vysocina, "CZ", 1, "current terminal, shorting", nil},
		{"J2", "VK-TB24", "1", "connector", vysocina, "CZ", 2, "terminal block", nil},
		{"J3", "VK-BP96", "1", "connector", vysocina, "CZ", 1, "backplane connector", nil},
	}},
	{"HMI", "HR-FP7", "B", "display", hoshino, "JP", 1, "front panel", []demoPart{
		{"PCB", "KB-4405-04", "1", "board", kawabe, "JP", 1, "printed circuit board, 4 layers", nil},
		{"U1", "SM-MC32", "2", "processor", selat, "MY", 1, "panel controller", nil},
		{"MOD1", "MND-TFT43", "4", "display", minagi, "JP=50;TH=25;PH=25|number of parts", 1, "display module, 4.3 inch", []demoPart{
			{"PNL", "MND-P43", "4", "display", minagi, "JP", 1, "display panel", nil},
			{"U1", "MND-DD2", "1", "display", minagi, "JP", 1, "display driver", nil},
			{"BL1", "MND-BL43", "2", "display", minagi, "TH", 1, "backlight", nil},
			{"CB1", "MTI-FPC40", "1", "cable", mactan, "PH", 1, "flexible cable", nil},
		}},
		{"SW1", "MND-KEY14", "1", "input", minagi, "TH", 1, "keypad, 14 keys", nil},
		{"D1", "SPC-LED3", "1", "indicator", sorano, "JP", 18, "light-emitting diode", nil},
		{"U2", "LWA-USB2", "A", "interface", lakewood, "MY", 1, "USB transceiver", nil},
		{"J1", "MTI-USBC", "1", "connector", mactan, "PH", 1, "USB socket for service", nil},
		{"J2", "MTI-FFC30", "1", "connector", mactan, "PH", 1, "board-to-board connector", nil},
	}},
	{"BPL", "HR-BP5", "A", "backplane", hoshino, "JP", 1, "backplane", []demoPart{
		{"PCB", "KB-4406-04", "1", "board", kawabe, "JP", 1, "printed circuit board, 4 layers", nil},
		{"J1", "VK-BS96", "1", "connector", vysocina, "CZ", 5, "backplane socket", nil},
	}},
	{"CASE", "HR-CS3U", "2", "mechanical", hoshino, "JP", 1, "case, 3 units high", []demoPart{
		{"DOOR", "HR-CS3U-D", "2", "mechanical", hoshino, "JP", 1, "front door", nil},
		{"FAN0", "HR-HS2", "1", "mechanical", hoshino, "JP", 1, "heat sink, without fan", nil},
	}},
}

// demoRelay tells apart the relays of the demo.
type demoRelay struct {
	name     string // of its seed
	revision string
	elsewhere
	moved elsewhere // by which only the place of manufacture is another, in a new document
}

// elsewhere has one part made in another place than the parts list says.
type elsewhere struct {
	place  string // path of the part below the relay, e.g. "IO/U1"
	origin string
}

// bom returns the relay's bill of materials. Its firmware is the image, whose
// own bill of materials has the bytes in linked.
func (d demoRelay) bom(image []byte, firmware *demoBOM, linked []byte) *demoBOM {
	r := demoSeed(d.name)
	serial := demoUUID(r)
	if d.moved.place != "" {
		serial = demoUUID(demoSeed(d.name + " moved"))
	}
	about := demoComponent{
		Type: "device", Ref: "relay", Manufacturer: hoshino.organization(), Supplier: hoshino.organization(),
		Name: "HR-87T", Version: d.revision, Description: "transformer protection relay",
		ExternalReferences: []demoReference{{Type: "website", URL: "https://hoshino-relay.example/hr-87t"}},
		Properties: []demoProperty{
			{"cdx:device:deviceType", "protective relay"},
			{"cdx:device:function", "protection"},
			{"cdx:device:quantity", "1"},
			{"cdx:device:gs1:gtin-13", "4900000087019"},
			{"yurai:origin:designed", "JP"},
			{"yurai:origin:manufactured", "JP"},
			{"yurai:origin:assembled", "JP"},
			{"yurai:origin:tested", "JP"},
			{"yurai:party:maker:registered", hoshino.registered},
		},
	}
	graph := []demoDependency{{Ref: about.Ref}}
	var build func(above string, list []demoPart) []demoComponent
	build = func(above string, list []demoPart) []demoComponent {
		out := make([]demoComponent, 0, len(list))
		for _, p := range list {
			path := strings.TrimPrefix(above+"/"+p.place, "/")
			if path == d.place {
				p.origin = d.origin
			}
			made := p.origin
			if path == d.moved.place {
				made = d.moved.origin
			}
			c := p.component(path, made, r)
			c.Components = build(path, p.parts)
			out = append(out, c)
		}
		return out
	}
	parts := build("", demoRelayParts)
	program := firmware.Metadata.Component
	parts = append(parts, demoComponent{
		Type: "firmware", Ref: "firmware", Manufacturer: hoshino.organization(),
		Name: program.Name, Version: program.Version, Description: "program of the protection processor board",
		Hashes: []demoHash{sha256Of(image)},
		ExternalReferences: []demoReference{
			{Type: "bom", URL: firmware.link(), Hashes: []demoHash{sha256Of(linked)}},
		},
		Properties: []demoProperty{
			{"cdx:device:location", "CPU/U3"},
			{"yurai:origin:developed", "JP"},
			{"yurai:origin:built", "JP"},
			{"yurai:party:maker:registered", hoshino.registered},
		},
	})
	for _, c := range parts {
		graph[0].DependsOn = append(graph[0].DependsOn, c.Ref)
	}
	graph = append(graph, demoDependency{Ref: "CPU", DependsOn: []string{"firmware"}})
	return newDemoBOM(serial, "post-build", hoshino.organization(), about, parts, graph)
}

// component returns the part as it stands in the document, manufactured in the
// places of made, without what is below it.
func (p demoPart) component(path, made string, r *rand.Rand) demoComponent {
	properties := []demoProperty{
		{"cdx:device:location", path},
		{"cdx:device:function", p.function},
		{"cdx:device:quantity", strconv.Itoa(p.quantity)},
		{"cdx:device:lotNumber", fmt.Sprintf("26%02d-%05d", 10+r.IntN(25), r.IntN(100000))},
		{"yurai:origin:manufactured", made},
		{"yurai:origin:assembled", p.origin},
	}
	return demoComponent{
		Type: "device", Ref: path, Manufacturer: p.maker.organization(),
		Name: p.number, Version: p.revision, Description: p.what,
		Properties: append(properties, demoProperty{"yurai:party:maker:registered", p.maker.registered}),
	}
}
