package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"
)

// versionFormat is the "format" member of `version -f json`.
const versionFormat = "yurai-version/1"

// build is what the program knows of how it was built.
type build struct {
	Format   string `json:"format"`
	Version  string `json:"version"`  // of the module, "(devel)" if built from a work tree
	Commit   string `json:"commit"`   // "" if not known
	Modified bool   `json:"modified"` // the work tree had changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "version [-f table|json]",
		Short: "Show which build this is",
	}, cobra.NoArgs, func(*cobra.Command, []string) error {
		b := thisBuild()
		if form.json() {
			raw, err := json.Marshal(b)
			if err != nil {
				return err
			}
			out.Write(append(raw, '\n'))
			return out.deliver(e)
		}
		commit := b.Commit
		if b.Modified {
			commit += " and changes"
		}
		fmt.Fprintf(&out, "yurai %s", b.Version)
		if commit != "" {
			fmt.Fprintf(&out, " (%s)", commit)
		}
		fmt.Fprintf(&out, " %s %s\n", b.Go, b.Platform)
		return out.deliver(e)
	})
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

func thisBuild() build {
	b := build{Format: versionFormat, Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}
