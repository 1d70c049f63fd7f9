package apikey

// Checksum spells the checksum of everything before it.
func Checksum(s string) string {
	sum := checksum(s)
	return string(sum[:])
}

// Parse takes the text of a key apart.
func (k *Keys) Parse(text string) (id string, ok bool) { return k.parse(text) }
