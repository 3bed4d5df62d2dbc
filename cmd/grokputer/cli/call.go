package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/cmd/grokputer/desk"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/credentials"
	"github.com/grokputer/grokputer/kit/telemetry"
)

// call is what a command works with: where it reads and writes, the shared
// settings, and the way to a house that is up.
type call struct {
	terminal

	shared shared
	folder string // the data folder
}

// data is the folder for everything that is kept; it is absolute.
func (c *call) data() string { return c.folder }

// telemetry sets up the log and the traces of the services.
func (c *call) telemetry(ctx context.Context) (telemetry.Telemetry, func(context.Context) error, error) {
	return telemetry.Setup(ctx, telemetry.Options{
		Service: "grokputer", Version: readBuildInfo().Version, Endpoint: c.shared.OTLP,
		LogLevel: c.shared.Log.Level, LogFormat: c.shared.Log.Format, Output: c.err,
	})
}

// bus connects to the NATS server that is set, or to that of the house that is up.
func (c *call) bus(ctx context.Context) (*bus.Bus, error) {
	if c.shared.NATS.URL != "" {
		return bus.Connect(ctx, house.BusOptions(c.shared.nats(), house.State{}, credentials.Credentials{}))
	}
	state, keys, err := c.find()
	if err != nil {
		return nil, err
	}
	return bus.Connect(ctx, house.BusOptions(c.shared.nats(), state, keys))
}

// errNoDesk: there is nobody to rate at.
var errNoDesk = errors.New("the Grokputer that is up has no feedback service: set the address of one with --http-url")

// desk is the way to the feedback service that is set, or that of the house that is up.
func (c *call) desk() (*desk.Client, error) {
	address := c.shared.HTTP.URL
	if address == "" {
		state, err := house.Find(c.data())
		if err != nil {
			return nil, err
		}
		if address = state.HTTP; address == "" {
			return nil, errNoDesk
		}
	}
	return desk.New(address, c.shared.HTTP.Token), nil
}

// store is a blob store and what has to be closed after it.
type store struct {
	*blob.Store

	close func(context.Context) error
}

// blobs opens the S3 server that is set, or that of the house that is up, or
// else the objects in the data folder.
func (c *call) blobs(ctx context.Context) (store, error) {
	state, keys, err := c.find()
	if errors.Is(err, house.ErrNotUp) {
		h, err := house.OpenStore(ctx, house.Config{Data: c.data(), S3: c.shared.s3()})
		if err != nil {
			return store{}, err
		}
		return store{Store: h.Blobs(), close: h.Close}, nil
	}
	if err != nil {
		return store{}, err
	}
	s, err := blob.Open(ctx, house.BlobOptions(c.shared.s3(), state, keys))
	if err != nil {
		return store{}, err
	}
	return store{Store: s, close: func(context.Context) error { s.Close(); return nil }}, nil
}

// find returns where the house of the data folder is, and the keys to it.
func (c *call) find() (house.State, credentials.Credentials, error) {
	state, err := house.Find(c.data())
	if err != nil {
		return house.State{}, credentials.Credentials{}, err
	}
	keys, err := credentials.Ensure(c.data())
	if err != nil {
		return house.State{}, credentials.Credentials{}, fmt.Errorf("use the house that is up: %w", err)
	}
	return state, keys, nil
}
