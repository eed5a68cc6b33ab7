module hengwen/go_vectors

go 1.24.0

require github.com/transparency-dev/merkle v0.0.3-0.20260707140218-77df88e508fa
