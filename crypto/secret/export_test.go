package secret

// HideCards exposes the search for cards.
func HideCards(s string) (string, bool) { return hideCards(s) }

// Hides reports whether the usual names, and some beside them, hide name.
func Hides(name string, hide, show []string) bool { return newNames(hide, show).hides(name) }

// IsCard exposes what is taken for a card among numbers.
func IsCard(n uint64) bool { return isCard(n) }
