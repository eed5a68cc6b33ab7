// A judge from outside: Go's reader of signed notes, and SM2 of another hand (emmansun/gmsm).
//
//	check NOTE VKEY      opens the note with that SM2 key alone, and prints its text
//	sign TEXT NAME       signs the text with a fresh SM2 key; prints its vkey, then the note
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"
)

// What docs/evidence.md says comes before a public key.
const signatureType = "\xffGB/T 32918.2 SM2 with SM3\n"

// The user of GB/T 35276 where none is agreed.
var user = []byte("1234567812345678")

type key struct {
	name   string
	public []byte
	secret *sm2.PrivateKey
}

type pair struct{ R, S *big.Int }

func (k key) Name() string { return k.name }

func (k key) KeyHash() uint32 {
	sum := sha256.Sum256([]byte(k.name + "\n" + signatureType + string(k.public)))
	return binary.BigEndian.Uint32(sum[:])
}

func (k key) Verify(text, signature []byte) bool {
	public, err := sm2.NewPublicKey(k.public)
	if err != nil || len(signature) != 64 {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	encoded, err := asn1.Marshal(pair{r, s})
	return err == nil && sm2.VerifyASN1WithSM2(public, user, text, encoded)
}

func (k key) Sign(text []byte) ([]byte, error) {
	encoded, err := k.secret.SignWithSM2(rand.Reader, user, text)
	if err != nil {
		return nil, err
	}
	var both pair
	if _, err = asn1.Unmarshal(encoded, &both); err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	both.R.FillBytes(signature[:32])
	both.S.FillBytes(signature[32:])
	return signature, nil
}

func parsed(vkey string) (key, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.HasPrefix(string(bytes), signatureType) {
		return key{}, errors.New("no SM2 key")
	}
	found := key{name: name, public: bytes[len(signatureType):]}
	if fmt.Sprintf("%08x", found.KeyHash()) != id {
		return key{}, errors.New("another id")
	}
	return found, nil
}

func check(file, vkey string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	known, err := parsed(vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open(content, note.VerifierList(known))
	if err != nil {
		return err
	}
	fmt.Print(opened.Text)
	return nil
}

func sign(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	secret, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	point := make([]byte, 65)
	point[0] = 4
	secret.X.FillBytes(point[1:33])
	secret.Y.FillBytes(point[33:])
	signer := key{name: name, public: point, secret: secret}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	encoded := base64.StdEncoding.EncodeToString(append([]byte(signatureType), point...))
	fmt.Printf("%s+%08x+%s\n%s", name, signer.KeyHash(), encoded, signed)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "check NOTE VKEY, or sign TEXT NAME")
		os.Exit(2)
	}
	job := map[string]func(string, string) error{"check": check, "sign": sign}[os.Args[1]]
	if err := job(os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
