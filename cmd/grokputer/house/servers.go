package house

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/credentials"
)

// openNATS starts the embedded server, unless another is to be used.
func (h *House) openNATS(ctx context.Context) error {
	c := h.config.NATS
	if c.URL != "" {
		h.state.NATS = withoutSecrets(c.URL)
		return nil
	}
	server, err := busserver.Start(ctx, busserver.Options{
		StoreDir: filepath.Join(h.config.Data, "nats"), Port: orRandom(c.Port),
		User: h.keys.NATSUser, Password: h.keys.NATSPassword, SyncAlways: true, Log: h.config.Log,
	})
	if err != nil {
		return err
	}
	h.later(server.Shutdown)
	h.state.NATS, h.state.NATSEmbedded = server.URL(), true
	return nil
}

// openS3 starts the embedded server, unless another is to be used.
func (h *House) openS3(ctx context.Context) error {
	c := h.config.S3
	h.state.Bucket = c.Bucket
	if c.Endpoint != "" {
		h.state.S3 = c.Endpoint
		return nil
	}
	server, err := blobserver.Start(ctx, blobserver.Options{
		Dir: filepath.Join(h.config.Data, "s3"), Port: orRandom(c.Port),
		AccessKey: h.keys.S3AccessKey, SecretKey: h.keys.S3SecretKey, Log: h.config.Log,
	})
	if err != nil {
		return err
	}
	h.later(server.Shutdown)
	h.state.S3, h.state.S3Embedded = server.Endpoint(), true
	return nil
}

// joinNATS connects, and makes the streams, consumers and buckets.
func (h *House) joinNATS(ctx context.Context) error {
	options := BusOptions(h.config.NATS, h.state, h.keys)
	options.Log, options.Tracing = h.config.Log, h.config.Tracing
	var err error
	if h.bus, err = bus.Connect(ctx, options); err != nil {
		return err
	}
	h.later(func() error { h.bus.Close(); return nil })
	return h.bus.Provision(ctx)
}

// joinS3 connects, and makes the bucket.
func (h *House) joinS3(ctx context.Context) error {
	var err error
	if h.blobs, err = blob.Open(ctx, BlobOptions(h.config.S3, h.state, h.keys)); err != nil {
		return err
	}
	h.later(func() error { h.blobs.Close(); return nil })
	return nil
}

// BusOptions are what it takes to connect to the NATS server of a house that
// is up, or to the one that is set. The embedded server takes the data folder's keys.
func BusOptions(c NATS, s State, keys credentials.Credentials) bus.Options {
	o := bus.Options{
		URL: c.URL, User: c.User, Password: c.Password, CredentialsFile: c.Credentials,
		Replicas: c.Replicas, Name: "grokputer",
	}
	if o.URL == "" {
		o.URL = s.NATS
	}
	if c.URL == "" && s.NATSEmbedded {
		o.User, o.Password = keys.NATSUser, keys.NATSPassword
	}
	return o
}

// BlobOptions are what it takes to connect to the S3 server of a house that is
// up, or to the one that is set.
func BlobOptions(c S3, s State, keys credentials.Credentials) blob.Options {
	o := blob.Options{Endpoint: c.Endpoint, Bucket: c.Bucket, AccessKey: c.AccessKey, SecretKey: c.SecretKey, Secure: c.Secure}
	if o.Endpoint == "" {
		o.Endpoint = s.S3
	}
	if c.Endpoint == "" && s.S3Embedded {
		o.AccessKey, o.SecretKey = keys.S3AccessKey, keys.S3SecretKey
	}
	return o
}

// writeContext has the ordinary nats client know the embedded server, without
// being told which when the user has chosen no other.
func (h *House) writeContext(context.Context) error {
	if !h.config.NATS.WriteContext || !h.state.NATSEmbedded {
		return nil
	}
	if _, err := credentials.WriteNATSContext(h.keys, h.state.NATS); err != nil {
		return err
	}
	selected, err := credentials.SelectNATSContext()
	h.natsClient = "nats --context " + credentials.ContextName
	if selected {
		h.natsClient = "nats"
	}
	return err
}

// orRandom is a port as the embedded servers take it, to whom 0 is their default.
func orRandom(port int) int {
	if port == 0 {
		return busserver.RandomPort
	}
	return port
}

// withoutSecrets takes users and passwords out of a list of addresses.
func withoutSecrets(addresses string) string {
	list := strings.Split(addresses, ",")
	for i, address := range list {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil {
			list[i] = "(unreadable)"
			continue
		}
		u.User = nil
		list[i] = u.String()
	}
	return strings.Join(list, ",")
}
