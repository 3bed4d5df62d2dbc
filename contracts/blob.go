package contracts

// Blob points to an object in the S3 bucket. The sha256 is checked at every
// read: an object that does not match is refused.
type Blob struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	SHA256 string `json:"sha256" jsonschema:"pattern=^[0-9a-f]{64}$"`
	Size   int64  `json:"size" jsonschema:"minimum=0"`
}
