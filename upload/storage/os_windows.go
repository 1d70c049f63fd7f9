package storage

import (
	"errors"
	"os"
	"syscall"
)

// busy knows nothing here: age alone decides.
func busy(*os.File) bool { return false }

// full reports whether there is no room: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
func full(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
