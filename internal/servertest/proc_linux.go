package servertest

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// mortal lets a process die with this one.
func mortal(sig syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: sig} }

// humble is mortal for a server that refuses to run as root: root runs it as somebody else.
func humble(sig syscall.Signal) (*syscall.SysProcAttr, error) {
	attr := mortal(sig)
	if os.Geteuid() != 0 {
		return attr, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, err
}

// give makes the directory the process's own.
func give(dir string, to *syscall.SysProcAttr) error {
	if to == nil || to.Credential == nil {
		return nil
	}
	return os.Chown(dir, int(to.Credential.Uid), int(to.Credential.Gid))
}
