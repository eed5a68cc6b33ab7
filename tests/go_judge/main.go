// An outside judge of the evidence: Go's own signed notes and transparency logs, not a line of ours.
//
//	judge check CHECKPOINT VKEY             verifies the signature, prints origin, size, root
//	judge receipt FILE VKEY                 verifies a c2sp.org/tlog-proof@v1 file
//	judge prove FOLDER VKEY INDEX           proves a leaf from our tiles, prints leaf hash and path
//	judge consistent FOLDER VKEY OLD PROOF  checks a consistency proof (base64 lines) from OLD on,
//	                                        and that it is the one our tiles give
//	judge sign                              makes a key and a note: private key, public key, note
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	arguments := os.Args[1:]
	if len(arguments) == 0 {
		fail(fmt.Errorf("which question?"))
	}
	commands := map[string]func([]string){
		"check": check, "receipt": receipt, "prove": prove, "consistent": consistent, "sign": sign,
	}
	command, known := commands[arguments[0]]
	if !known {
		fail(fmt.Errorf("unknown question %q", arguments[0]))
	}
	command(arguments[1:])
}

func check(arguments []string) {
	origin, tree := opened(read(arguments[0]), arguments[1])
	fmt.Println(origin, tree.N, base64.StdEncoding.EncodeToString(tree.Hash[:]))
}

func receipt(arguments []string) {
	head, checkpoint, found := strings.Cut(read(arguments[0]), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail(fmt.Errorf("no proof"))
	}
	event, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	fail(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	fail(err)
	_, tree := opened(checkpoint, arguments[1])
	path := hashes(lines[3:])
	fail(tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(event)))
	fmt.Println(index, tree.N)
}

func prove(arguments []string) {
	folder := arguments[0]
	_, tree := opened(read(filepath.Join(folder, "checkpoint")), arguments[1])
	index, err := strconv.ParseInt(arguments[2], 10, 64)
	fail(err)
	reader := tlog.TileHashReader(tree, tiles{folder})
	leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	fail(err)
	path, err := tlog.ProveRecord(tree.N, index, reader)
	fail(err)
	fmt.Println(base64.StdEncoding.EncodeToString(leaf[0][:]))
	for _, hash := range path {
		fmt.Println(base64.StdEncoding.EncodeToString(hash[:]))
	}
}

func consistent(arguments []string) {
	folder := arguments[0]
	_, tree := opened(read(filepath.Join(folder, "checkpoint")), arguments[1])
	_, old := opened(read(arguments[2]), arguments[1])
	proof := hashes(strings.Fields(read(arguments[3])))
	fail(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	own, err := tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, tiles{folder}))
	fail(err)
	if fmt.Sprint(own) != fmt.Sprint(tlog.TreeProof(proof)) {
		fail(fmt.Errorf("another proof"))
	}
	fmt.Println(old.N, tree.N)
}

func sign([]string) {
	private, public, err := note.GenerateKey(nil, "judge.example/log")
	fail(err)
	signer, err := note.NewSigner(private)
	fail(err)
	signed, err := note.Sign(&note.Note{Text: "judge.example/log\n7\n" +
		base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"}, signer)
	fail(err)
	fmt.Printf("%s\n%s\n%s", private, public, signed)
}

// tiles reads our folder; Go's own layout has the tile height in the path, C2SP's has not.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		content, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func opened(text, key string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(key)
	fail(err)
	signed, err := note.Open([]byte(text), note.VerifierList(verifier))
	fail(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	fail(err)
	return lines[0], tlog.Tree{N: size, Hash: hashes(lines[2:3])[0]}
}

func hashes(lines []string) []tlog.Hash {
	var found []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		fail(err)
		found = append(found, hash)
	}
	return found
}

func read(path string) string {
	content, err := os.ReadFile(path)
	fail(err)
	return string(content)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
