package basemodel

import (
	"runtime"

	"github.com/grokputer/grokputer/services/observer/ppocr"
)

// Reader is what the observer reads with: the models of PP-OCR and the library
// that runs them. For a processor without that library there is none of it.
func Reader() []Known {
	library, ok := onnxRuntime(runtime.GOOS + "/" + runtime.GOARCH)
	if !ok {
		return nil
	}
	model := Known{
		File:    ppocr.RecognitionFile,
		SHA256:  "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
		Bytes:   21_234_383,
		Package: "rapidocr", Version: "3.10.0", PackageBytes: 27_288_134,
		License: "Apache-2.0",
	}
	return []Known{model, library}
}

// onnxRuntime is the library for a system and processor. It is the same in the
// wheels of every Python, so it does not matter which one is fetched.
func onnxRuntime(platform string) (Known, bool) {
	k := Known{
		File:    ppocr.RuntimeFile,
		Package: "onnxruntime", Version: "1.32.0",
		Tags:    []string{"--only-binary=:all:", "--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"},
		License: "MIT",
	}
	switch platform {
	case "linux/amd64":
		k.SHA256 = "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f"
		k.Bytes, k.PackageBytes = 34_824_680, 27_780_211
	case "linux/arm64":
		k.SHA256 = "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a"
		k.Bytes, k.PackageBytes = 27_165_936, 23_196_724
	default:
		return Known{}, false
	}
	return k, true
}
