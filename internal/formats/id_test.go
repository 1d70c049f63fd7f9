package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

const uuid = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"

func TestUUID(t *testing.T) {
	bad := []no{
		{"braces", "{" + uuid + "}"},
		{"URN", "urn:uuid:" + uuid},
		{"no hyphens", strings.ReplaceAll(uuid, "-", "")},
		{"a hyphen moved", "f81d4fa-e7dec-41d0-a765-00a0c91e6bf6"},
		{"a digit for a hyphen", "f81d4fae-7dec-41d00a765-00a0c91e6bf6"},
		{"all hyphens", strings.Repeat("-", 36)},
		{"a digit short", uuid[:35]},
		{"a digit more", uuid + "0"},
		{"no hexadecimal", "g" + uuid[1:]},
		{"space", " " + uuid[1:]},
		{"other digits of as many bytes", "٠" + uuid[2:]},
	}
	check(t, formats.UUIDAnyCase, []string{uuid, strings.ToUpper(uuid), "00000000-0000-0000-0000-000000000000"}, bad)
	check(t, formats.UUID, []string{uuid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
		append(bad, no{"upper case", strings.ToUpper(uuid)}, no{"one in upper case", "F" + uuid[1:]}))
}

func TestUUIDVersion(t *testing.T) {
	for _, tc := range []struct {
		name    string
		text    string
		version int
		want    bool
	}{
		{"4", uuid, 4, true},
		{"7", "01890a5d-ac96-774b-bcce-b302099a8057", 7, true},
		{"8", "01890a5d-ac96-874b-8cce-b302099a8057", 8, true},
		{"another", uuid, 1, false},
		{"other variant", "f81d4fae-7dec-41d0-c765-00a0c91e6bf6", 4, false},
		{"older variant", "f81d4fae-7dec-41d0-7765-00a0c91e6bf6", 4, false},
		{"nil", "00000000-0000-0000-0000-000000000000", 0, false},
		{"9", "01890a5d-ac96-974b-8cce-b302099a8057", 9, false},
		{"negative", uuid, -12, false},
		{"upper case", strings.ToUpper(uuid), 4, false},
		{"no UUID", "4", 4, false},
	} {
		if got := formats.UUIDVersion(tc.text, tc.version); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

func TestULID(t *testing.T) {
	check(t, formats.ULID, []string{"01ARZ3NDEKTSV4RRFFQ69G5FAV", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", strings.Repeat("0", 26)}, []no{
		{"more than 128 bits", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
		{"lower case", "01arz3ndektsv4rrffq69g5fav"},
		{"I", "01ARZ3NDEKTSV4RRFFQ69G5FAI"},
		{"L", "01ARZ3NDEKTSV4RRFFQ69G5FAL"},
		{"O", "01ARZ3NDEKTSV4RRFFQ69G5FAO"},
		{"U", "01ARZ3NDEKTSV4RRFFQ69G5FAU"},
		{"one short", "01ARZ3NDEKTSV4RRFFQ69G5FA"},
		{"one more", "01ARZ3NDEKTSV4RRFFQ69G5FAVV"},
		{"hyphen", "01ARZ3NDEKTSV4RRFFQ69G5F-V"},
	})
}
