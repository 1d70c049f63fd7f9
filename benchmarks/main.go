// Command benchmarks does the same work with Palisade and with the libraries that a Go team would take today, on the same
// request and in one run, and prints a Markdown table of ratios. Below 1 means that Palisade needs less.
//
// The machine's other work moves every number; ratios of one run move less. Each pair is measured in turns, and the
// fastest turn of each counts.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"testing"
)

// contest is one row: the same work, done by us and by a peer.
type contest struct {
	room, work, peer string
	ours, theirs     func()
}

func main() {
	testing.Init() // for -test.benchtime: on a machine that is busy, many short turns find a quiet moment
	rounds := flag.Int("rounds", 3, "turns of each pair")
	room := flag.String("room", "", "the only room to measure, all if empty")
	flag.Parse()
	log.SetFlags(0)
	scratch := must(os.MkdirTemp("", "palisade-bench"))
	defer func() { _ = os.RemoveAll(scratch) }()
	fmt.Printf("%s/%s, %d cores, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println("| room | work | peer | ours | peer's | ratio | allocations | bytes |")
	fmt.Println("|---|---|---|--:|--:|--:|--:|--:|")
	for _, group := range [][]contest{chains(), tokens(), corsPolicies(), headerPolicies(), limiters(), roles(), validations(), uploads(scratch), fields(), streams()} {
		for _, c := range group {
			if *room != "" && c.room != *room {
				continue
			}
			ours, theirs := measure(c, *rounds)
			fmt.Printf("| %s | %s | %s | %.0f ns | %.0f ns | **%.3f** | %d to %d | %d to %d |\n", c.room, c.work, c.peer,
				nanoseconds(ours), nanoseconds(theirs), nanoseconds(ours)/nanoseconds(theirs),
				ours.AllocsPerOp(), theirs.AllocsPerOp(), ours.AllocedBytesPerOp(), theirs.AllocedBytesPerOp())
		}
	}
}

// measure takes turns, so that a slow moment of the machine hits both.
func measure(c contest, rounds int) (ours, theirs testing.BenchmarkResult) {
	for i := range rounds {
		a, b := bench(c.ours), bench(c.theirs)
		if i == 0 || nanoseconds(a) < nanoseconds(ours) {
			ours = a
		}
		if i == 0 || nanoseconds(b) < nanoseconds(theirs) {
			theirs = b
		}
	}
	return ours, theirs
}

func bench(work func()) testing.BenchmarkResult {
	return testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			work()
		}
	})
}

func nanoseconds(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

// sink is a ResponseWriter that keeps only the header and the status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

// serve returns the work of answering r, and stops the program if the answer is not the wanted one: a library that
// refuses by mistake would win every race.
func serve(h http.Handler, r *http.Request, want int) func() {
	w := &sink{header: http.Header{}}
	work := func() {
		clear(w.header)
		w.status = http.StatusOK
		h.ServeHTTP(w, r)
	}
	work()
	if w.status != want {
		log.Fatalf("%s %s: got %d, want %d", r.Method, r.URL, w.status, want)
	}
	return work
}

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
