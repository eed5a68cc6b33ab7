// An outside judge of cosignatures: transparency-dev's own code, not a line of ours.
//
//	cosignature check CHECKPOINT VKEY WITNESS   verifies the log's signature and the witness's,
//	                                            prints when the witness signed (POSIX seconds)
//	cosignature sign CHECKPOINT VKEY SECRET     adds a cosignature by the witness's secret key
package main

import (
	"fmt"
	"os"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	arguments := os.Args[1:]
	if len(arguments) != 4 {
		fail(fmt.Errorf("which question?"))
	}
	content, err := os.ReadFile(arguments[1])
	fail(err)
	log, err := note.NewVerifier(arguments[2])
	fail(err)
	if arguments[0] == "sign" {
		opened, err := note.Open(content, note.VerifierList(log))
		fail(err)
		signer, err := cosignature.NewSignerForCosignatureV1(arguments[3])
		fail(err)
		signed, err := note.Sign(opened, signer)
		fail(err)
		fmt.Print(string(signed))
		return
	}
	witness, err := cosignature.NewVerifierForCosignatureV1(arguments[3])
	fail(err)
	opened, err := note.Open(content, note.VerifierList(log, witness))
	fail(err)
	if len(opened.Sigs) != 2 {
		fail(fmt.Errorf("%d of 2 signatures", len(opened.Sigs)))
	}
	at, err := cosignature.CoSigV1Timestamp(opened.Sigs[1])
	fail(err)
	fmt.Println(at.Unix())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
