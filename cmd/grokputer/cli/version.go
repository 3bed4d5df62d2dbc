package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/cpu"
)

type versionCmd struct {
	JSON bool `env:"-" help:"Print JSON for programs instead of text."`
}

// buildInfo is what is known of the program itself and of the processor.
type buildInfo struct {
	Version  string   `json:"version"`
	Revision string   `json:"revision,omitempty"`
	Modified bool     `json:"modified,omitempty"` // built from files that differ from the revision
	Go       string   `json:"go"`
	Platform string   `json:"platform"`
	CPU      []string `json:"cpu"` // instruction sets that the engine's kernels may use
}

// Run prints the version.
func (cmd *versionCmd) Run(_ context.Context, c *call) error {
	info := readBuildInfo()
	if cmd.JSON {
		return c.json(info)
	}
	revision := info.Revision
	if revision == "" {
		revision = "unknown revision"
	}
	if info.Modified {
		revision += " with changes"
	}
	features := strings.Join(info.CPU, " ")
	if features == "" {
		features = "no vector instructions known"
	}
	return c.say("grokputer %s (%s)\n%s %s\ncpu: %s", info.Version, revision, info.Go, info.Platform, features)
}

func readBuildInfo() buildInfo {
	info := buildInfo{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPU: features()}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	if build.Main.Version != "" {
		info.Version = build.Main.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Revision = s.Value
		case "vcs.modified":
			info.Modified = s.Value == "true"
		}
	}
	return info
}

// features names the vector instructions that this processor has.
func features() []string {
	var names []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"sse4.1", cpu.X86.HasSSE41},
		{"avx", cpu.X86.HasAVX},
		{"avx2", cpu.X86.HasAVX2},
		{"fma", cpu.X86.HasFMA},
		{"avx512f", cpu.X86.HasAVX512F},
		{"avx512bw", cpu.X86.HasAVX512BW},
		{"avx512vnni", cpu.X86.HasAVX512VNNI},
		{"avx512bf16", cpu.X86.HasAVX512BF16},
		{"amx-bf16", cpu.X86.HasAMXBF16},
		{"amx-int8", cpu.X86.HasAMXInt8},
		{"neon", cpu.ARM64.HasASIMD},
		{"dotprod", cpu.ARM64.HasASIMDDP},
		{"sve", cpu.ARM64.HasSVE},
	} {
		if f.has {
			names = append(names, f.name)
		}
	}
	return names
}
