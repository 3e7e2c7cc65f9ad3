package main

import "errors"

func giveTo(string, ids) error { return errNotOnWindows }
func becomeUser(ids) error     { return errNotOnWindows }

var errNotOnWindows = errors.New("RUN_AS is not supported on Windows")
