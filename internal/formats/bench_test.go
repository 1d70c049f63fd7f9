package formats_test

import "testing"

func BenchmarkFormats(b *testing.B) {
	for _, f := range all {
		switch f.name {
		case "Email", "EmailIntl", "Hostname", "URL", "UUID", "DateTime", "IPv4", "IPv6":
			b.Run(f.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if !f.format(f.good) {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}
