package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// errNoSession is feedback.ErrNotFound for a person at the command line.
var errNoSession = fmt.Errorf("there is no such session: `grokputer sessions` lists them (%w)", feedback.ErrNotFound)

// errDenied: the service wants a token.
var errDenied = errors.New("the feedback service does not let us in: set its token with GROKPUTER_HTTP_TOKEN")

// details are the parts of an answer of the type application/problem+json (RFC 9457).
type details struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

// problem is the error that an answer tells of.
func problem(response *http.Response, body []byte) error {
	var d details
	if json.Unmarshal(body, &d) != nil || d.Title == "" && d.Detail == "" {
		d.Detail = response.Status
	}
	switch response.StatusCode {
	case http.StatusNotFound:
		return errNoSession
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (%s)", errDenied, d.says())
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return &refusedError{why: d.says(), is: feedback.ErrInvalid}
	case http.StatusConflict:
		return &refusedError{why: d.says(), is: feedback.ErrConflict}
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return fmt.Errorf("%w: %s; try again in a moment", feedback.ErrUnavailable, d.says())
	default:
		return fmt.Errorf("the feedback service: %s", d.says())
	}
}

// refusedError is what the service has against a request, in its own words.
type refusedError struct {
	why string
	is  error
}

// Error implements error.
func (e *refusedError) Error() string { return e.why }

// Unwrap makes it the error of the service's domain.
func (e *refusedError) Unwrap() error { return e.is }

// says is the problem in one line.
func (d details) says() string {
	line := d.Detail
	if line == "" {
		line = d.Title
	}
	for _, e := range d.Errors {
		if !strings.Contains(line, e.Message) {
			line += "; " + e.Message
		}
		if e.Location != "" {
			line += " (" + e.Location + ")"
		}
	}
	return screen.Line(line)
}
