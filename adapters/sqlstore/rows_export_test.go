package sqlstore

// The text of keys, for its fuzz test.
var (
	FormatCursor = formatCursor
	ParseCursor  = parseCursor
)
