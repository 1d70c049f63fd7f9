package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

func BenchmarkCommit(b *testing.B) {
	data := strings.Repeat("x", 64<<10)
	for _, files := range []int{1, 5} {
		for _, store := range []string{"memory", "without sync", "with sync"} {
			b.Run(fmt.Sprintf("%d files of 64 KiB, %s", files, store), func(b *testing.B) {
				s := benchStore(b, store)
				b.ReportAllocs()
				b.SetBytes(int64(files * len(data)))
				for b.Loop() {
					for _, key := range commit(b, s, make64(files, data)...) {
						if store == "memory" { // which would be full soon
							_ = s.Delete(b.Context(), key)
						}
					}
				}
			})
		}
	}
}

func make64(n int, data string) (all []string) {
	for range n {
		all = append(all, data)
	}
	return all
}

func benchStore(b *testing.B, kind string) storage.Store {
	b.Helper()
	if kind == "memory" {
		return storage.NewMemory(0)
	}
	d, err := storage.NewDirectory(storage.DirectoryConfig{Path: b.TempDir(), NoSync: kind == "without sync", Interval: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	return d
}

func BenchmarkCommitParallel(b *testing.B) {
	data := strings.Repeat("x", 64<<10)
	s := benchStore(b, "with sync")
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			commit(b, s, data)
		}
	})
}

func BenchmarkRollback(b *testing.B) {
	s := benchStore(b, "with sync")
	b.ReportAllocs()
	for b.Loop() {
		tx := begin(b, s)
		put(b, tx, "data")
		_ = tx.Rollback(b.Context())
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, store := range []string{"memory", "without sync"} {
		s := benchStore(b, store)
		key := commit(b, s, "data")[0]
		for name, key := range map[string]string{"found": key, "no key": "../" + key[3:], "not found": key[:41] + "a"} {
			b.Run(store+", "+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if o, err := s.Open(b.Context(), key); err == nil {
						_ = o.Close()
					}
				}
			})
		}
	}
}
