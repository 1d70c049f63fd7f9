package storage

// LoseOwn makes the directory that holds this process's quarantine one that does not exist, so that a commit fails after its
// rename, where it waits for the disk.
func LoseOwn(d *Directory) { d.own = inQuarantine + "lost" }

// Encode is what is kept beside a file.
func Encode(m Meta) []byte { return m.encode() }

// Decode reads it.
func Decode(text []byte) (Meta, error) { return decode(text) }

// Place is where a key's file lies, below the directory.
func Place(key string) (dir, file string) {
	tx, name, _ := split(key)
	return objects + "/" + place(tx), name
}
