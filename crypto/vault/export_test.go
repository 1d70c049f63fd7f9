package vault

// RandomDigits draws digits as tokens do.
func RandomDigits(n int) string { return randomDigits(n) }
