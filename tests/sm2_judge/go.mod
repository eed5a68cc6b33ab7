module hengwen/sm2_judge

go 1.24.0

require (
	github.com/emmansun/gmsm v0.29.1
	golang.org/x/mod v0.29.0
)

require (
	golang.org/x/crypto v0.28.0 // indirect
	golang.org/x/sys v0.26.0 // indirect
)
