package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/minio/minio-go/v7"
)

var (
	// ErrNotFound tells that there is no such object.
	ErrNotFound = errors.New("no such object")
	// ErrCorrupt tells that what was read is not what the pointer promises. The object
	// must not be used.
	ErrCorrupt = errors.New("the object is not what its pointer says")
	// ErrUnavailable tells that the server cannot be reached or is failing. Trying again
	// later can help.
	ErrUnavailable = errors.New("the S3 server cannot be reached")
	// ErrDenied tells that the server does not take our keys.
	ErrDenied = errors.New("the S3 server refuses the access key")
)

// failed says what could not be done, and which of the few errors it is.
func (s *Store) failed(what string, err error) error {
	response := minio.ToErrorResponse(err)
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", what, err)
	case denied(response):
		return fmt.Errorf("%s: %w (%s): check GROKPUTER_S3_ACCESS_KEY and GROKPUTER_S3_SECRET_KEY: %w",
			what, ErrDenied, s.client.EndpointURL().Host, err)
	case response.Code == minio.NoSuchKey, response.Code == minio.NoSuchBucket,
		response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w: %w", what, ErrNotFound, err)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, io.ErrUnexpectedEOF), // it ended in the middle
		response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%s: %w at %s: %w", what, ErrUnavailable, s.client.EndpointURL().Host, err)
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

// denied goes by the code first: servers give it with different statuses.
func denied(r minio.ErrorResponse) bool {
	switch r.Code {
	case minio.InvalidAccessKeyID, minio.SignatureDoesNotMatch, minio.AccessDenied,
		"XAdminUserNotFound": // versitygw, for a key that it does not know
		return true
	default:
		return r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized
	}
}
