//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package storage

import (
	"errors"
	"os"
	"syscall"
)

// busy takes the file's lock unless somebody else has it, and reports whether somebody has. The kernel gives it back when its
// holder ends, however that happens. Where the file system knows no locks nobody has it, and age alone decides.
func busy(f *os.File) bool {
	var answer error
	conn, err := f.SyscallConn()
	if err == nil {
		err = conn.Control(func(fd uintptr) { answer = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	}
	return err == nil && errors.Is(answer, syscall.EWOULDBLOCK)
}

// full reports whether there is no room: on the disk, or for this user.
func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
