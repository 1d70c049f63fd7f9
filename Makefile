# Every module; those outside go.work carry a go.work of their own.
WORK    := . adapters examples
ALONE   := benchmarks tools
TOOL     = GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod
FUZZTIME ?= 30s

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

check: check-static test ## what a change must pass

check-static: ## format, vet, staticcheck, modern Go
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)"
	@for m in $(WORK); do echo "vet $$m" && go -C $$m vet ./... && go -C $$m fix -diff ./... || exit 1; done
	@for m in $(WORK); do echo "staticcheck $$m" && (cd $$m && GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod staticcheck ./...) || exit 1; done

test: ## every test of the workspace
	go test work

race: ## every test, with the race detector and in random order
	go test -race -shuffle=on work

soak: ## the long drills
	PALISADE_SOAK=1 go test -timeout 60m work

fuzz: ## every fuzz target for FUZZTIME each
	@grep -rl --include=*_test.go '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r d; do \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$d/*_test.go); do \
	    echo "$$d $$f" && go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) ./$$d || exit 1; done; done

bench: ## the table of ratios beside other libraries
	go -C benchmarks run .

cover: ## coverage of every package
	go test -cover work

update: ## rewrite what is generated from the code
	go test . -run TestSurface -update

tidy: ## tidy every module
	@for m in $(WORK) $(ALONE); do go -C $$m mod tidy || exit 1; done

vuln: ## known vulnerabilities that our code reaches (needs the vulnerability database)
	@for m in $(WORK); do (cd $$m && GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod govulncheck ./...) || exit 1; done

.PHONY: help check check-static test race soak fuzz bench cover update tidy vuln
