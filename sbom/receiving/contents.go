package receiving

import (
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Describe returns what a bom statement says of an admitted document: digest,
// size, media type, versions, serial number and product, as copied from it. Log,
// party, time, supersedes and disclosure are the signer's to add.
func Describe(doc *sbom.Document) statement.BOM {
	b := statement.BOM{
		Digest: doc.Digest, Size: int64(len(doc.Raw)), MediaType: doc.MediaType,
		SpecVersion: doc.SpecVersion, SerialNumber: doc.SerialNumber, Version: doc.Version,
	}
	if p := doc.Product; p.Name != "" {
		b.Product = &statement.Product{Name: p.Name, Version: p.Version, Maker: p.Maker, GTIN: p.GTIN, CPE: p.CPE, PURL: p.PURL}
	}
	return b
}

// CompareContents holds a bom statement, and the enrolment of its party that is
// in force at its index, against the document whose bytes it names: the content
// rules of kind bom, which the server applies before it admits, the auditor where
// the bytes can be read, and the dock each time. It returns nil, STATE-SPEAKS-FOR
// if the document names a maker for whom the party may not speak, or
// STATEMENT-BOM-MISMATCH with the first member that differs. A product that is a
// commitment is not compared; the maker behind it is judged all the same.
func CompareContents(said *statement.BOM, by *statement.Party, doc *sbom.Document) error {
	want := Describe(doc)
	differs := func(member string, said, found any) error {
		return sbom.Refuse("STATEMENT-BOM-MISMATCH", "the statement says %s %v, the BOM has %v", member, said, found)
	}
	if r := registry.CheckSpeaksFor(by, doc.Product.Maker); r != nil {
		return r
	}
	switch {
	case said.Digest != want.Digest:
		return differs("digest", said.Digest, want.Digest)
	case said.Size != want.Size:
		return differs("size", said.Size, want.Size)
	case said.MediaType != want.MediaType:
		return differs("media type", said.MediaType, want.MediaType)
	case said.SpecVersion != want.SpecVersion:
		return differs("spec version", said.SpecVersion, want.SpecVersion)
	case said.SerialNumber != want.SerialNumber:
		return differs("serial number", said.SerialNumber, want.SerialNumber)
	case said.Version != want.Version:
		return differs("version", said.Version, want.Version)
	case said.Product != nil && !said.Product.Commit.IsZero():
		return nil
	case (said.Product == nil) != (want.Product == nil):
		return differs("product", said.Product != nil, want.Product != nil)
	case said.Product != nil && *said.Product != *want.Product:
		return differs("product", *said.Product, *want.Product)
	}
	return nil
}
