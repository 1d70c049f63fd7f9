// Package sanitize makes text safe for one named place.
//
// [HTML] keeps a small closed set of markup and [Text] keeps none. [Filename], [CSVCell], [LogLine] and [Header]
// prepare text for places with a syntax of their own. [Email], [Username], [Password] and [Name] bring one spelling out
// of many, so that equal things compare equal.
//
// It stands inside validate, whose norm tag calls these functions before the rules are checked, and is useful alone: every
// function is pure, and every value is safe for concurrent use. Sanitising twice changes nothing.
//
// It does not replace escaping: what Text returns is plain text, which the template that it is put into must still
// escape. What HTML returns is for the inside of a block element such as div, never for an attribute, a script, a style
// or a comment, nor, with the profile ugc, for the inside of a link, a paragraph or a heading, which its blocks would
// end. It leaves "{{…}}" alone: the result has no place in a page that a framework compiles in the browser. It validates
// nothing beyond what normal form needs, bounds no length except where the place has a limit of its own, and knows no
// e-mail provider's private rules.
//
// Standards: OWASP ASVS 5.0 sections 1.1.1 (one canonical form before validation), 1.2.2 (URL schemes), 1.2.10
// (formulas in CSV), 1.3.1 (HTML from editors), 1.3.11 (mail headers) and 16.4.1 (log injection); HTML Living Standard
// section 13.2 (parsing); RFC 5321 and RFC 6531 (addresses), RFC 5891 and UTS 46 (domains), RFC 8264 and RFC 8265
// (PRECIS).
package sanitize
