package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	// scheduledName has the time of a scheduled backup; names sort by it.
	scheduledName    = "imagechat-20060102T150405Z.tar"
	scheduledPattern = "imagechat-????????T??????Z.tar"
	// scheduleLook is how often it is asked whether a backup is due. A machine
	// that sleeps most of the day makes up for what it missed.
	scheduleLook = time.Minute
)

// scheduledBackups makes a backup whenever the newest is older than the
// interval, and keeps so many.
func scheduledBackups(cfg config, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			stepBack()
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(scheduleLook):
				}
				if due(cfg.BackupDir, cfg.BackupInterval, time.Now()) {
					scheduledBackup(ctx, cfg, log)
				}
			}
		}()
		<-ended
		return nil
	}
}

// due tells whether the newest scheduled backup is older than the interval.
func due(dir string, interval time.Duration, now time.Time) bool {
	kept := scheduled(dir)
	if len(kept) == 0 {
		return true
	}
	made, err := time.Parse(scheduledName, filepath.Base(kept[len(kept)-1]))
	return err != nil || now.Sub(made) >= interval
}

// scheduled lists the scheduled backups in dir, the oldest first.
func scheduled(dir string) []string {
	kept, _ := filepath.Glob(filepath.Join(dir, scheduledPattern)) // the pattern is a good one
	slices.Sort(kept)
	return kept
}

func scheduledBackup(ctx context.Context, cfg config, log *slog.Logger) {
	began := time.Now()
	file := filepath.Join(cfg.BackupDir, began.UTC().Format(scheduledName))
	err := os.MkdirAll(cfg.BackupDir, 0o700)
	var m *manifest
	if err == nil {
		m, err = backupTo(ctx, cfg, file)
	}
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		log.Error("the scheduled backup was not made", "file", file, "error", err)
		return
	}
	log.Info("backup made", "file", file, "files", len(m.Files), "bytes", m.bytes(), "ms", time.Since(began).Milliseconds())
	if err := sayLeftOut(m); err != nil {
		// The older ones may be all that has the files which are missing now.
		log.Error("the scheduled backup is not whole; no older one is removed", "error", err)
		return
	}
	kept := scheduled(cfg.BackupDir)
	for _, old := range kept[:max(0, len(kept)-cfg.BackupKeep)] {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("an old backup cannot be removed", "file", old, "error", err)
		}
	}
}
