// Package storage keeps uploaded files out of reach until all of a request's are accepted.
//
// A [Store] begins a transaction for each request. Its files are written into quarantine, where they can be read back to be
// examined; [Tx].Commit makes all of them visible at once, and whatever else happens makes none. [Directory] keeps them on
// disk, [Memory] in this process.
//
// Every path is made here. A client's file name is kept as data, in [Meta], and so a name that is a path, a device or a
// script does nothing; sanitize it before it is shown. A key that this package did not make never reaches the file system.
//
// It stands behind package upload, which decides what to commit. It does not look at content, hash, scan or limit it, and it
// does not say who may open a file: compare [Meta].Owner. It does not encrypt.
//
// # Other stores
//
// An object store has no rename. Write each file under a private prefix, quarantine/<tx>/<file>; to commit, copy the files
// and their descriptions to objects/<tx>/<file>, and write the manifest objects/<tx>/commit last, in one request: a list of
// the files. Open reads the manifest first, and what it does not name is not there. Delete writes the manifest anew without the
// file, under a precondition on its version (If-Match), and deletes the copy afterwards. Where the answer to the last write of
// a Commit is lost, delete the manifest before reporting the failure. Rollback must go on when its context has ended
// ([context.WithoutCancel]). A lifecycle rule of the bucket is the janitor: it removes what is old under quarantine/, and
// whoever lists objects/ removes old folders that have no manifest. Keys are crypto/rand.Text() twice, the folder's and the
// file's. Package storagetest tells whether it is right.
//
// Standards: OWASP ASVS 5.0 sections 5.3.1 (uploads are never executed), 5.3.2 (paths are made by the server), 5.2.1 (sizes).
package storage
