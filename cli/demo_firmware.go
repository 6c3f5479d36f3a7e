package cli

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// demoFirmwareSize is how many components the firmware's bill of materials
// lists: what an embedded Linux with its packages comes to.
const demoFirmwareSize = 3000

// demoThiefSize is how many the thief lists: few, so that the demo is not slowed.
const demoThiefSize = 300

// The words that the demo's packages are named with.
var (
	demoStems = []string{
		"alarm", "archive", "atom", "base", "block", "buffer", "bus", "cache", "cert", "channel", "clock", "codec",
		"config", "console", "crypto", "daemon", "data", "device", "digest", "dns", "event", "fault", "fiber", "file",
		"filter", "flash", "font", "format", "frame", "geo", "goose", "graph", "grid", "hash", "http", "image",
		"index", "init", "input", "kernel", "key", "language", "ledger", "linear", "locale", "log", "mail", "mapper",
		"math", "matrix", "meter", "mms", "modbus", "mount", "net", "object", "packet", "parser", "patch", "phasor",
		"pixel", "port", "process", "ptp", "query", "queue", "record", "regex", "relay", "report", "ring", "rpc",
		"sample", "schema", "secure", "sensor", "serial", "session", "shell", "signal", "socket", "stream", "string",
		"switch", "syslog", "table", "task", "tcp", "terminal", "text", "thread", "time", "timer", "token", "trace",
		"tree", "unicode", "update", "usb", "vector", "vlan", "wave", "web", "window", "wire", "xml", "yaml", "zip",
	}
	demoTails = []string{
		"", "-utils", "-core", "-common", "-runtime", "-client", "-server", "-io", "-tools", "-data", "-plugins",
		"-compat", "-bindings", "-async", "-static", "-locale", "-rules", "-probe", "-filter", "-test-data", "2",
		"3", "-ng", "-lite", "-cpp", "-py", "-lua", "-ext", "-crypto",
	}
	demoCommunities = []string{
		"Commonwood Project", "Open Substation Project", "Tidewater Foundation", "Libre Field Devices", "Birch Kernel Community",
		"Small Systems Collective", "Harbour Tools Project", "Plain Text Society", "Northlight Community",
	}
	demoLicences = []string{"Apache-2.0", "MIT", "BSD-3-Clause", "BSD-2-Clause", "ISC", "Zlib", "MPL-2.0", "LGPL-2.1-only"}
	demoAuthors  = []string{
		"JP", "DE", "US", "SE=55;DE=45", "DE=40;US=35;JP=25", "FR", "US=70;CA=30", "JP=80;TH=20", "CZ", "NL=50;FI=50", "GB", "AU",
	}
	demoPrograms = []string{
		"protection", "measurement", "goose-publisher", "mms-server", "sampled-values", "event-recorder", "panel",
		"time-sync", "updater", "self-test", "user-access", "audit-log",
	}
)

// demoFirmware returns the bill of materials of a version of the relay's firmware,
// of size components: an operating system, the vendor's programs, more of them if
// named, and the libraries that they rest on.
func demoFirmware(version string, size int, more ...string) *demoBOM {
	r := demoSeed("hr87t-fw " + version)
	serial := demoUUID(r)
	about := demoComponent{
		Type: "firmware", Ref: "hr87t-fw@" + version, Manufacturer: hoshino.organization(), Supplier: hoshino.organization(),
		Name: "hr87t-fw", Version: version, Description: "firmware of the HR-87T",
		PURL: "pkg:generic/hoshino/hr87t-fw@" + version,
		Properties: []demoProperty{
			{"yurai:origin:developed", "JP"}, {"yurai:origin:built", "JP"}, {"yurai:party:maker:registered", hoshino.registered},
		},
	}
	parts := make([]demoComponent, 0, size)
	parts = append(parts, demoPackage(r, "operating-system", "birch-linux", "6.12.40", hoshino.name, "JP=20;DE=30;US=50", "GPL-2.0-only"))
	for _, name := range slices.Concat(demoPrograms, more) {
		parts = append(parts, demoPackage(r, "application", "hr87t-"+name, version, hoshino.name, "JP", "Apache-2.0"))
	}
	system, programs := parts[0], parts[1:]
	for _, tail := range demoTails {
		for _, stem := range demoStems {
			if len(parts) == size {
				break
			}
			version := fmt.Sprintf("%d.%d.%d", r.IntN(9), r.IntN(30), r.IntN(20))
			parts = append(parts, demoPackage(r, "library", "lib"+stem+tail, version,
				pick(r, demoCommunities), pick(r, demoAuthors), pick(r, demoLicences)))
		}
	}
	libraries := parts[1+len(programs):]

	graph := []demoDependency{{Ref: about.Ref, DependsOn: []string{system.Ref}}, {Ref: system.Ref}}
	for i, p := range programs {
		graph[0].DependsOn = append(graph[0].DependsOn, p.Ref)
		d := demoDependency{Ref: p.Ref, DependsOn: []string{system.Ref}}
		for j := i; j < len(libraries)/4; j += len(programs) {
			d.DependsOn = append(d.DependsOn, libraries[j].Ref)
		}
		graph = append(graph, d)
	}
	// A library rests on libraries after it, so the graph has no circle. Those
	// of the last three quarters are each needed by one before them.
	needs := make([][]string, len(libraries))
	for j := len(libraries) / 4; j < len(libraries); j++ {
		above := r.IntN(j)
		needs[above] = append(needs[above], libraries[j].Ref)
		if other := r.IntN(j); other != above {
			needs[other] = append(needs[other], libraries[j].Ref)
		}
	}
	for j, l := range libraries {
		graph = append(graph, demoDependency{Ref: l.Ref, DependsOn: needs[j]})
	}
	return newDemoBOM(serial, "build", hoshino.organization(), about, parts, graph)
}

// demoPackage returns one software component.
func demoPackage(r *rand.Rand, kind, name, version, supplier, developed, licence string) demoComponent {
	purl := fmt.Sprintf("pkg:generic/birch/%s@%s", name, version)
	c := demoComponent{
		Type: kind, Ref: purl, Supplier: &demoOrganization{Name: supplier},
		Name: name, Version: version, PURL: purl,
		Hashes: []demoHash{sha256Of(demoBytes(r, 32))}, Licenses: demoSPDX(licence),
		Properties: []demoProperty{{"yurai:origin:developed", developed}, {"yurai:origin:built", "JP"}},
	}
	if supplier == hoshino.name {
		c.Manufacturer = hoshino.organization()
	}
	return c
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
