module github.com/gopalisade/palisade/examples

go 1.26.0
