package cli

import (
	"bytes"
	"slices"
)

// Names of what the demo writes into its folder for the commands to read.
const (
	demoRelayFile     = "relay.cdx.json"
	demoFirmwareFile  = "firmware.cdx.json"
	demoImageFile     = "hr87t-fw-5.2.1.bin"
	demoMovedFile     = "relay-delivered.cdx.json"
	demoChangedFile   = "relay-changed.cdx.json"
	demoElsewhereFile = "relay-rev-d.cdx.json"
	demoUnloggedFile  = "relay-rev-e.cdx.json"
	demoThiefFile     = "firmware-5.2.2.cdx.json"
	demoPolicyFile    = "policy.yaml"
	demoAbroadFile    = "historian.cdx.json"
	demoWordFile      = "historian-home.cdx.json"
	demoAttestedFile  = "historian-attested.cdx.json"
	demoApprovedFile  = "contractors.csv"
)

// demoInputs are the files of the demo, the same bytes on every machine.
type demoInputs struct {
	image     []byte // the firmware itself
	firmware  []byte // its bill of materials
	relay     []byte // the relay's, all parts of known origin
	moved     []byte // the relay again, a part of which comes from another plant
	changed   []byte // relay with one byte changed
	elsewhere []byte // the next revision, with a part from the place of concern
	unlogged  []byte // the one after, which nobody has submitted yet
	thief     []byte // a firmware that is not the vendor's, under the vendor's name
	abroad    []byte // a hosted historian, kept, reached and maintained abroad
	word      []byte // the same at home, as its vendor says
	attested  []byte // the same at home, as an inspector attests
}

func newDemoInputs(firmware int) (*demoInputs, error) {
	in := &demoInputs{image: demoBytes(demoSeed("hr87t-fw image"), 64<<10)}
	software := demoFirmware("5.2.1", firmware)
	var err error
	if in.firmware, err = software.encode(); err != nil {
		return nil, err
	}
	if in.thief, err = demoFirmware("5.2.2", demoThiefSize, "remote-access").encode(); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		to    *[]byte
		relay demoRelay
	}{
		{&in.relay, demoRelay{name: "HR-87T C", revision: "C"}},
		{&in.moved, demoRelay{name: "HR-87T C", revision: "C", moved: elsewhere{demoMovedPart, demoMovedTo}}},
		{&in.elsewhere, demoRelay{name: "HR-87T D", revision: "D", elsewhere: elsewhere{"IO/U1", "BV"}}},
		{&in.unlogged, demoRelay{name: "HR-87T E", revision: "E"}},
	} {
		if *x.to, err = x.relay.bom(in.image, software, in.firmware).encode(); err != nil {
			return nil, err
		}
	}
	in.changed = demoTamper(in.relay)
	for _, x := range []struct {
		to        *[]byte
		historian demoHistorian
	}{
		{&in.abroad, demoHistorian{name: "abroad", hosted: "SG", access: "AU", maintainer: tidewater}},
		{&in.word, demoHistorian{name: "home", hosted: "JP", access: "JP", maintainer: umibe}},
		{&in.attested, demoHistorian{name: "attested", hosted: "JP", access: "JP", maintainer: umibe, attested: true}},
	} {
		if *x.to, err = x.historian.bom().encode(); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// files returns the files by name.
func (in *demoInputs) files() map[string][]byte {
	return map[string][]byte{
		demoImageFile: in.image, demoFirmwareFile: in.firmware, demoRelayFile: in.relay,
		demoChangedFile: in.changed, demoElsewhereFile: in.elsewhere, demoUnloggedFile: in.unlogged,
		demoMovedFile: in.moved, demoThiefFile: in.thief,
		demoAbroadFile: in.abroad, demoWordFile: in.word, demoAttestedFile: in.attested,
		demoApprovedFile: []byte(demoApproved),
	}
}

// demoTamper returns the relay's bill of materials with one byte changed: the
// revision of the firmware that it names. It is still a valid document.
func demoTamper(relay []byte) []byte {
	changed := slices.Clone(relay)
	if i := bytes.LastIndex(changed, []byte(`"5.2.1"`)); i >= 0 {
		changed[i+len(`"5.2.`)] = '7'
	}
	return changed
}
