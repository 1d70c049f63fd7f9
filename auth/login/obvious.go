package login

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords    = 32 // that a password is searched for
	minWordSize = 3
	// enough is how many characters must be left of a password, when everything that follows from another is taken away; more
	// of one that holds a word, since people put a year or so behind it.
	enough, enoughBesideWords = 6, 8
)

// everyday are words that passwords are made of everywhere.
var everyday = [...]string{
	"password", "passwort", "passphrase", "passcode", "letmein", "welcome", "changeme", "administrator", "admin", "login",
	"secret", "default", "iloveyou", "qwerty",
}

// rows are keys that lie beside each other.
var rows = [...]string{"1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm"}

// obvious reports whether there is next to nothing in a password beside words, repetitions and sequences. Its time is bounded:
// a password has 1024 bytes at most, and there are few words.
func obvious(password string, words []string) bool {
	lower := []rune(strings.Map(unicode.ToLower, password))
	for n := period(lower); 0 < n && 2*n <= len(lower); n = period(lower) {
		lower = lower[:n] // "tigertigertiger" is "tiger", and what is left may repeat itself again
	}
	known := cover(lower, slices.Concat(everyday[:], words))
	left, need := 0, enough
	for i, r := range lower {
		if known[i] {
			need = enoughBesideWords
		}
		if !known[i] && (i == 0 || !follows(lower[i-1], r)) {
			left++
		}
	}
	return left < need
}

// follows reports whether b is what a lazy hand types after a.
func follows(a, b rune) bool {
	if d := b - a; d >= -1 && d <= 1 {
		return true
	}
	for _, row := range rows {
		i := strings.IndexRune(row, a)
		if j := strings.IndexRune(row, b); i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return false
}

// cover marks where one of the words is, also with 0 for o, $ for s and the like.
func cover(text []rune, words []string) []bool {
	plain := make([]rune, len(text))
	for i, r := range text {
		plain[i] = unmask(r)
	}
	known := make([]bool, len(text))
	for _, word := range words {
		w := []rune(strings.Map(unmask, word))
		for i := 0; i+len(w) <= len(plain); i++ {
			if slices.Equal(plain[i:i+len(w)], w) {
				for j := range w {
					known[i+j] = true
				}
			}
		}
	}
	return known
}

// unmask turns what stands for a letter into the letter. What 1 and ! stand for is one letter, i or l.
func unmask(r rune) rune {
	const masks, letters = "013457@$!l|", "oieastasiii"
	if i := strings.IndexRune(masks, r); i >= 0 {
		return rune(letters[i])
	}
	return r
}

// period is the length of what text repeats (the failure function of Knuth, Morris and Pratt), or its own.
func period(text []rune) int {
	fail, k := make([]int, len(text)), 0
	for i := 1; i < len(text); i++ {
		for k > 0 && text[i] != text[k] {
			k = fail[k-1]
		}
		if text[i] == text[k] {
			k++
		}
		fail[i] = k
	}
	return len(text) - k
}

// split takes words out of names and addresses, in lower case; the shortest say nothing.
func split(texts []string) (words []string) {
	for _, text := range texts {
		for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(words) < maxWords && utf8.RuneCountInString(w) >= minWordSize {
				words = append(words, strings.ToLower(w))
			}
		}
	}
	return words
}
