package contracts

import "time"

// DeadLetter is a message that was tried MaxDeliver times, or that its handler
// refused for good, with the reason.
// Subject: dlq.<stream>.<durable>
type DeadLetter struct {
	Stream    string              `json:"stream"`
	Durable   string              `json:"durable"`
	Sequence  uint64              `json:"sequence"`
	Subject   string              `json:"subject"`
	Header    map[string][]string `json:"header,omitempty"`
	Data      []byte              `json:"data,omitzero"`
	Delivered uint64              `json:"delivered"`
	Reason    string              `json:"reason"`
	Time      time.Time           `json:"time"`
}
