//go:build !linux

package servertest

import "syscall"

func mortal(syscall.Signal) *syscall.SysProcAttr          { return nil }
func humble(syscall.Signal) (*syscall.SysProcAttr, error) { return nil, nil }
func give(string, *syscall.SysProcAttr) error             { return nil }
