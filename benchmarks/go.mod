module github.com/gopalisade/palisade/benchmarks

go 1.26.0
