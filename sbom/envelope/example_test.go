package envelope_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

func Example() {
	vendor, err := envelope.NewSigner(envelope.Ed25519, bytes.NewReader(make([]byte, 32)))
	if err != nil {
		fmt.Println(err)
		return
	}
	leaf, err := envelope.Sign(envelope.PayloadType, []byte(`{"_type":"https://in-toto.io/Statement/v1"}`), vendor)
	if err != nil {
		fmt.Println(err)
		return
	}

	submitted, err := envelope.Parse(leaf)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := submitted.Verify(vendor.Key())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bytes.Equal(v.Leaf(), leaf), v.KeyIDs()[0] == vendor.Key().ID())

	stranger, err := envelope.NewSigner(envelope.ECDSAP256, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = submitted.Verify(stranger.Key())
	var refusal interface{ Code() string }
	fmt.Println(errors.As(err, &refusal), refusal.Code())
	// Output:
	// true true
	// true ENVELOPE-KEY-UNKNOWN
}
