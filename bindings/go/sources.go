package bartizan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// What is read of one file or URL at most.
const sourceLimit = 16 << 20

// source is one of the places that Settings.Rules names.
type source struct {
	where string
	mark  string // an ETag, or the files' names, times and sizes
	files []RulesFile
}

// look reads the source if it changed, and says whether it did.
func (s *source) look(ctx context.Context) (bool, error) {
	if strings.HasPrefix(s.where, "http://") || strings.HasPrefix(s.where, "https://") {
		return s.fetch(ctx)
	}
	return s.read()
}

func (s *source) fetch(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.where, nil)
	if err != nil {
		return false, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "bartizan")
	if s.mark != "" && s.files != nil {
		request.Header.Set("If-None-Match", s.mark)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && s.files != nil:
		return false, nil
	case answer.StatusCode != http.StatusOK:
		return false, fmt.Errorf("the server answers %s", answer.Status)
	}
	text, err := limited(answer.Body)
	if err != nil {
		return false, err
	}
	file := RulesFile{Path: s.where, Text: text}
	for _, name := range []string{"Repr-Digest", "Content-Digest", "Digest"} {
		if file.Digest == "" {
			file.Digest = answer.Header.Get(name)
		}
	}
	changed := s.files == nil || string(s.files[0].Text) != string(text)
	s.mark, s.files = answer.Header.Get("ETag"), []RulesFile{file}
	return changed, nil
}

func (s *source) read() (bool, error) {
	paths := []string{s.where}
	if info, err := os.Stat(s.where); err != nil {
		return false, err
	} else if info.IsDir() {
		if paths, err = filepath.Glob(filepath.Join(s.where, "*.json")); err != nil {
			return false, err
		}
		if len(paths) == 0 {
			return false, errors.New("the folder has no file *.json")
		}
	}
	var mark strings.Builder
	for _, path := range paths {
		for _, name := range []string{path, path + ".sha256"} {
			if info, err := os.Stat(name); err == nil {
				fmt.Fprintf(&mark, "%s %d %d\n", name, info.ModTime().UnixNano(), info.Size())
			}
		}
	}
	if s.files != nil && mark.String() == s.mark {
		return false, nil
	}
	var files []RulesFile
	for _, path := range paths {
		open, err := os.Open(path)
		if err != nil {
			return false, err
		}
		text, err := limited(open)
		_ = open.Close()
		if err != nil {
			return false, fmt.Errorf("%s: %w", path, err)
		}
		digest, _ := os.ReadFile(path + ".sha256")
		files = append(files, RulesFile{path, text, string(digest)})
	}
	s.mark, s.files = mark.String(), files
	return true, nil
}

func limited(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, sourceLimit+1))
	if err == nil && len(text) > sourceLimit {
		err = fmt.Errorf("there is more than %d MiB of it", sourceLimit>>20)
	}
	return text, err
}

// watcher looks at all sources, at the start and every few seconds, and keeps on disk what was last good.
type watcher struct {
	protection *Protection
	lock       sync.Mutex
	sources    []*source
	kept       string
	restored   bool
	told       map[string]string
	ctx        context.Context
	stop       context.CancelFunc
}

func newWatcher(p *Protection) *watcher {
	w := &watcher{protection: p, told: map[string]string{}}
	for _, where := range p.settings.Rules {
		w.sources = append(w.sources, &source{where: where})
	}
	if p.settings.StateDir != "" {
		w.kept = filepath.Join(p.settings.StateDir, "last-good.json")
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// first looks before there are requests. What was kept serves until all sources have answered.
func (w *watcher) first() {
	if saved, err := os.ReadFile(w.kept); err == nil && len(w.sources) > 0 {
		if told, err := w.protection.take(rulesRestore, saved); err == nil {
			w.restored = told.State == "changed"
		}
	}
	w.look()
}

func (w *watcher) start() {
	if len(w.sources) == 0 {
		return
	}
	go func() {
		ticks := time.NewTicker(time.Duration(max(w.protection.settings.PollSeconds, 1)) * time.Second)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				w.look()
			case <-w.ctx.Done():
				return
			}
		}
	}()
}

func (w *watcher) look() {
	w.lock.Lock()
	defer w.lock.Unlock()
	changed, complete := false, true
	var names []string
	var files []RulesFile
	for _, s := range w.sources {
		news, err := s.look(w.ctx)
		if err == nil {
			delete(w.told, s.where)
		} else if w.ctx.Err() == nil && w.told[s.where] != err.Error() {
			// Said once for each reason, not every few seconds.
			w.told[s.where] = err.Error()
			_, _ = w.protection.offer(Pairs{{"source", s.where}, {"error", err.Error()}})
		}
		changed = changed || news
		complete = complete && s.files != nil
		if s.files != nil {
			names, files = append(names, s.where), append(files, s.files...)
		}
	}
	if !changed || len(files) == 0 || w.restored && !complete {
		return
	}
	told, err := w.protection.Offer(strings.Join(names, ", "), files)
	if err == nil && told.State == "changed" {
		w.restored = false
		w.keep()
	}
}

// keep writes what is in force for the next start, in one step.
func (w *watcher) keep() {
	if w.kept == "" {
		return
	}
	w.protection.changing.Lock()
	saved := w.protection.saved
	w.protection.changing.Unlock()
	fresh := fmt.Sprintf("%s.%d", w.kept, os.Getpid())
	err := os.MkdirAll(filepath.Dir(w.kept), 0o755)
	if err == nil {
		err = os.WriteFile(fresh, saved, 0o644)
	}
	if err == nil {
		err = os.Rename(fresh, w.kept)
	}
	if err != nil {
		w.protection.log.Warn("bartizan: the rules cannot be kept", "error", err)
	}
}
