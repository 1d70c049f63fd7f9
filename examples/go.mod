module github.com/gopalisade/palisade/examples

go 1.26.0

require (
	github.com/gopalisade/palisade v0.0.0
	modernc.org/sqlite v1.62.0
)

replace github.com/gopalisade/palisade => ../
