module github.com/gopalisade/palisade/adapters

go 1.26.0
