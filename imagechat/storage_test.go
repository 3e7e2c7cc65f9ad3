package imagechat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

var errFull = fmt.Errorf("no space left on device: %w", imagechat.StorageFull)

func TestAFullDiskDelaysAPaidPictureAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(b *bench, times int){
		"when the answer's record is written": func(b *bench, n int) { b.repo().FailNext("UpdateAttempt", n, errFull) },
		"when its bytes are adopted":          func(b *bench, n int) { b.blobs().FailNext("Adopt", n, errFull) },
		"when its rows are written":           func(b *bench, n int) { b.repo().FailNext("CreateImage", n, errFull) },
		"when they are committed":             func(b *bench, n int) { b.repo().FailNext("Commit", n, errFull) },
		"when the attempts are read":          func(b *bench, n int) { b.repo().FailNext("ListAttempts", n, errFull) },
		"when the picture is looked at":       func(b *bench, n int) { b.blobs().FailNext("Open", n, errFull) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				png := imagechattest.PNG(20, 20, 1)
				b.script.Add(pictureThen(b, png, func(ctxT, *imagechat.Call) error {
					fail(b, -1)
					return &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeUnknown}
				}))
				turn := b.submit(b.session(), draw("하나"))
				time.Sleep(10 * time.Minute)
				b.wantStatus(b.turn(turn.ID), imagechat.TurnRunning)
				fail(b, 0)
				began := time.Now()
				done := b.wait(turn.ID)
				b.wantStatus(done, imagechat.TurnSucceeded)
				if took := time.Since(began); took > 31*time.Second {
					t.Errorf("space came back and it took %s more", took)
				}
				if got := b.reply(done).Images; len(got) != 1 || got[0].Blob != imagechattest.KeyOf(png) {
					t.Errorf("got %+v", got)
				}
				b.wantCalls(1)
				b.wantEmptySpool()
			})
		})
	}
}

func TestAServerWithAFullDiskCanBeClosedAndFinishesNextTime(t *testing.T) {
	for name, op := range map[string]string{"while recording": "UpdateAttempt", "while storing": "CreateImage"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				b.script.Add(pictureThen(b, imagechattest.PNG(20, 20, 1), func(ctxT, *imagechat.Call) error {
					b.repo().FailNext(op, -1, errFull)
					return &imagechat.Error{Code: imagechat.GeneratorProtocol, Charge: imagechat.ChargeUnknown}
				}))
				turn := b.submit(b.session(), draw("하나"))
				time.Sleep(time.Minute)
				began := time.Now()
				drain, cancel := context.WithTimeout(b.ctx, time.Minute)
				defer cancel()
				b.wantCode(b.Drain(drain), imagechat.GeneratorTimeout) // the code of an expired context
				b.stop()
				if took := time.Since(began); took > 70*time.Second {
					t.Errorf("a drain of a minute and the end took %s", took)
				}
				b.repo().FailNext(op, 0, nil)
				b.start()
				b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
				b.wantCalls(1)
				b.wantEmptySpool()
			})
		})
	}
}

func TestAFullDiskDoesNotStopWhatFreesIt(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(picture(9), picture(1))
		id := b.session()
		old := b.reply(b.run(id, draw("alt"))).Images[0]
		b.blobs().FailNext("Adopt", -1, errFull)
		turn := b.submit(b.session(), draw("neu"))
		time.Sleep(time.Minute)
		done := make(chan error)
		go func() { done <- b.DeleteSession(b.ctx, id) }()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("deleting waits for a disk that only it can free")
		}
		if _, err := b.ports.Blobs.Stat(b.ctx, old.Blob); imagechat.CodeOf(err) != imagechat.NotFound {
			t.Errorf("got %v, want the bytes gone", err)
		}
		b.blobs().FailNext("Adopt", 0, nil)
		b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
	})
}

func TestNothingIsSpentWhenItsFruitCouldNotBeKept(t *testing.T) {
	t.Parallel()
	t.Run("a turn is refused", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			id := b.session()
			b.blobs().SetFree(127 << 20)
			_, err := b.Submit(b.ctx, id, draw("하나"), "")
			b.wantCode(err, imagechat.StorageFull)
			if e := imagechat.AsError(err); e.Params["needed_bytes"] != "134217728" || !e.Retryable {
				t.Errorf("got %+v", e)
			}
			b.blobs().SetFree(128 << 20)
			b.wantStatus(b.run(id, draw("하나")), imagechat.TurnSucceeded)
		}, picture(1))
	})
	t.Run("a turn that waited is not begun", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			id := b.session()
			b.script.Always(slow(time.Minute))
			b.submit(id, chat("하나"))
			second := b.submit(id, chat("둘"))
			b.waitCalls(1)
			b.blobs().SetFree(1 << 20)
			done := b.wait(second.ID)
			b.wantFailure(done, imagechat.StorageFull)
			b.wantCalls(1)
			if done.Cost != 0 {
				t.Errorf("got cost %s, want nothing", done.Cost)
			}
			b.blobs().SetFree(1 << 30)
			if _, err := b.Retry(b.ctx, second.ID); err != nil {
				t.Fatal(err)
			}
			b.wantStatus(b.wait(second.ID), imagechat.TurnSucceeded)
		})
	})
	t.Run("a call does not leave before the ledger says so", func(t *testing.T) {
		bubble(t, nil, func(b *bench) {
			b.repo().FailNext("UpdateAttempt", -1, errFull)
			turn := b.submit(b.session(), draw("하나"))
			time.Sleep(time.Hour)
			b.wantCalls(0)
			b.repo().FailNext("UpdateAttempt", 0, nil)
			b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
		}, picture(1))
	})
}

func TestCancellingDoesNotWaitForRoomOnTheDisk(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(slow(time.Hour))
		turn := b.submit(b.session(), chat("하나"))
		b.waitCalls(1)
		b.repo().FailNext("UpdateTurn", -1, errFull)
		_, err := b.Cancel(b.ctx, turn.ID)
		b.wantCode(err, imagechat.StorageFull)
		time.Sleep(time.Minute)
		b.repo().FailNext("UpdateTurn", 0, nil)
		b.wantStatus(b.wait(turn.ID), imagechat.TurnCancelled)
	})
}

func TestAnAnswerThatTheDiskDidNotTakeIsNotBoughtAgain(t *testing.T) {
	for _, op := range []string{"Spool.Create", "Spool.Write", "Spool.Commit"} {
		t.Run(op, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				b.blobs().FailNext(op, 1, errFull)
				turn := b.run(b.session(), draw("하나"))
				b.wantFailure(turn, imagechat.StorageFull)
				b.wantCalls(1)
				b.wantStates(turn.ID, imagechat.AttemptUnknown)
				if turn.Cost != turn.EstimatedCost || turn.Error.Charge != imagechat.ChargeUnknown {
					t.Errorf("got cost %s and charge %q, want that it may have been charged", turn.Cost, turn.Error.Charge)
				}
				b.wantEmptySpool()
			}, picture(1), picture(2))
		})
	}
}

func TestBytesThatVanishedEndTheTurn(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		png := imagechattest.PNG(20, 20, 1)
		b.blobs().FailNext("Adopt", -1, errFull)
		b.script.Add(imagechattest.Picture(png))
		turn := b.submit(b.session(), draw("하나"))
		time.Sleep(time.Minute)
		b.wantStates(turn.ID, imagechat.AttemptReturned)
		a := b.attempts(turn.ID)[0]
		if err := b.ports.Spool.Remove(b.ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		b.blobs().FailNext("Adopt", 0, nil)
		done := b.wait(turn.ID)
		b.wantFailure(done, imagechat.StorageUnavailable)
		if done.Cost != imagechat.Dollars(0.03) || done.Error.Params["cause"] != "bytes_lost" {
			t.Errorf("got cost %s and %+v", done.Cost, done.Error)
		}
	})
}

// crashed is a bench whose process died in the middle of a turn: the ledger
// and the spool are as given.
func crashed(b *bench, state imagechat.AttemptState, entries map[imagechat.SpoolKind][]byte) *imagechat.Turn {
	b.t.Helper()
	b.script.Add(imagechattest.Reply{Delay: time.Hour})
	turn := b.submit(b.session(), draw("하나"))
	b.waitCalls(1)
	a := b.attempts(turn.ID)[0]
	freeze(b)
	a.State = state
	if err := b.repo().UpdateAttempt(context.Background(), a, b.attempts(turn.ID)[0].State); err != nil {
		b.t.Fatal(err)
	}
	for _, kind := range []imagechat.SpoolKind{imagechat.SpoolDraft, imagechat.SpoolImage, imagechat.SpoolResult} {
		data, ok := entries[kind]
		if !ok {
			continue
		}
		w, err := b.ports.Spool.Create(context.Background(), a.ID, kind)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			_, err = w.Commit()
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return turn
}

// freeze ends the Service without letting it write: as a crash does.
func freeze(b *bench) {
	for _, op := range []string{"Atomically", "UpdateAttempt", "UpdateTurn"} {
		b.repo().FailNext(op, -1, errFull)
	}
	b.stop()
	for _, op := range []string{"Atomically", "UpdateAttempt", "UpdateTurn"} {
		b.repo().FailNext(op, 0, nil)
	}
}

func TestAStartGoesOnFromWhateverTheLastProcessLeft(t *testing.T) {
	t.Parallel()
	png := imagechattest.PNG(24, 24, 1)
	manifest, err := json.Marshal(imagechat.Result{
		Parts: []imagechat.Part{{Text: "여기요"}, {Blob: imagechattest.KeyOf(png), Size: int64(len(png)), MIMEType: "image/png"}},
		Model: imagechattest.ScriptModel, Cost: imagechat.Dollars(0.031), Usage: imagechat.Tokens{Total: 7}, PromptUsed: "asked",
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		state   imagechat.AttemptState
		spool   map[imagechat.SpoolKind][]byte
		status  imagechat.TurnStatus
		code    imagechat.Code
		calls   int
		cost    imagechat.USD // 0: the estimate
		picture bool
		text    string
	}{
		"reserved: it runs": {
			state: imagechat.AttemptReserved, status: imagechat.TurnSucceeded, calls: 2, cost: imagechat.Dollars(0.03), picture: true,
		},
		"calling: it is never called again by itself": {
			state: imagechat.AttemptCalling, status: imagechat.TurnFailed, code: imagechat.Interrupted, calls: 1,
		},
		"calling, and a draft has come: a draft is no picture": {
			state: imagechat.AttemptCalling, spool: map[imagechat.SpoolKind][]byte{imagechat.SpoolDraft: png},
			status: imagechat.TurnFailed, code: imagechat.Interrupted, calls: 1,
		},
		"calling, and the picture has come whole: it is adopted": {
			state: imagechat.AttemptCalling, spool: map[imagechat.SpoolKind][]byte{imagechat.SpoolImage: png},
			status: imagechat.TurnSucceeded, calls: 1, picture: true,
		},
		"calling, and the whole answer is there: it is adopted with its words and price": {
			state: imagechat.AttemptCalling, spool: map[imagechat.SpoolKind][]byte{imagechat.SpoolImage: png, imagechat.SpoolResult: manifest},
			status: imagechat.TurnSucceeded, calls: 1, picture: true, cost: imagechat.Dollars(0.031), text: "여기요",
		},
		"calling, and the record of the answer is damaged: the picture is adopted": {
			state: imagechat.AttemptCalling, spool: map[imagechat.SpoolKind][]byte{imagechat.SpoolImage: png, imagechat.SpoolResult: manifest[:20]},
			status: imagechat.TurnSucceeded, calls: 1, picture: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(b *bench) {
				turn := crashed(b, tc.state, tc.spool)
				b.script.Add(imagechattest.Picture(png))
				b.start()
				done := b.wait(turn.ID)
				b.wantStatus(done, tc.status)
				b.wantCalls(tc.calls)
				m := b.reply(done)
				if tc.code != "" && (done.Error.Code != tc.code || !done.Error.Retryable || done.Error.Charge != imagechat.ChargeUnknown) {
					t.Errorf("got error %+v, want %s, retryable, perhaps charged", done.Error, tc.code)
				}
				if got := len(m.Images) == 1 && m.Images[0].Blob == imagechattest.KeyOf(png) && m.Images[0].PromptUsed != ""; got != tc.picture {
					t.Errorf("got images %+v, want the picture: %v", m.Images, tc.picture)
				}
				want := tc.cost
				if want == 0 {
					want = turn.EstimatedCost
				}
				if done.Cost != want || b.spent() != want || m.Text != tc.text {
					t.Errorf("got cost %s, usage %s, text %q; want %s, %q", done.Cost, b.spent(), m.Text, want, tc.text)
				}
				b.wantEmptySpool()
			})
		})
	}
}

func TestAPictureReceivedBeforeACrashSurvivesThatItsReferenceIsGone(t *testing.T) {
	bubble(t, &imagechat.Options{MaxConcurrentTurns: 1}, func(b *bench) {
		b.script.Add(picture(7), picture(1), imagechattest.Reply{Delay: time.Hour})
		id := b.session()
		anchor := b.reply(b.run(id, draw("기준"))).Images[0]
		request := imagechat.TurnRequest{Kind: imagechat.KindRefine, Content: "두 장", ImageID: anchor.ID, Count: 2}
		turn := b.submit(id, request)
		b.waitCalls(3)
		freeze(b)
		// Of two pictures one has come; the other was out, and is put back as
		// if it had been waiting.
		for _, a := range b.attempts(turn.ID) {
			if a.State == imagechat.AttemptCalling {
				a.State = imagechat.AttemptReserved
				if err := b.repo().UpdateAttempt(context.Background(), a, imagechat.AttemptCalling); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.repo().DeleteImage(context.Background(), anchor.ID); err != nil {
			t.Fatal(err)
		}
		b.start()
		done := b.wait(turn.ID)
		b.wantStatus(done, imagechat.TurnSucceeded)
		m := b.reply(done)
		if len(m.Images) != 1 || m.Error == nil || m.Error.Code != imagechat.ImageNotFound {
			t.Errorf("got %d images and %v, want the one that had come and image_not_found", len(m.Images), m.Error)
		}
		b.wantCalls(3)
	})
}

func TestADrainLetsTurnsEndAndLeavesTheLineForTheNextStart(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(slow(30 * time.Second))
		id := b.session()
		running, waiting := b.submit(id, chat("하나")), b.submit(id, chat("둘"))
		b.waitCalls(1)
		drain, cancel := context.WithTimeout(b.ctx, time.Minute)
		defer cancel()
		began := time.Now()
		if err := b.Drain(drain); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("the drain took %s, the turn 30 s", took)
		}
		b.wantStatus(b.turn(running.ID), imagechat.TurnSucceeded)
		b.wantStatus(b.turn(waiting.ID), imagechat.TurnQueued)
		b.wantCalls(1)
		b.restart()
		b.wantStatus(b.wait(waiting.ID), imagechat.TurnSucceeded)
		b.wantCalls(2)
	})
}

func TestADrainThatIsTooShortInterruptsHonestly(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(imagechattest.Reply{Delay: time.Hour})
		id := b.session()
		seen := b.record(id, 0)
		turn := b.submit(id, draw("하나"))
		b.waitCalls(1)
		drain, cancel := context.WithTimeout(b.ctx, 2*time.Second)
		defer cancel()
		if err := b.Drain(drain); !isDeadline(err) {
			t.Errorf("got %v, want that the time was not enough", err)
		}
		done := b.turn(turn.ID)
		b.wantFailure(done, imagechat.Interrupted)
		if !done.Error.Retryable || done.Error.Charge != imagechat.ChargeUnknown || done.Cost != turn.EstimatedCost {
			t.Errorf("got %+v and cost %s", done.Error, done.Cost)
		}
		if got, want := seen.types(b.t), []imagechat.EventType{imagechat.EventAccepted, imagechat.EventError}; !slices.Equal(got, want) {
			t.Errorf("got events %v, want %v before the sockets close", got, want)
		}
		b.restart()
		time.Sleep(time.Hour)
		b.wantCalls(1)
	})
}

func TestWhatPausesBeforeARetryGoesBackToTheLineAtADrain(t *testing.T) {
	overloaded := failing(imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true, RetryAfter: time.Minute})
	bubble(t, nil, func(b *bench) {
		turn := b.submit(b.session(), draw("하나"))
		b.waitCalls(1)
		time.Sleep(time.Second)
		drain, cancel := context.WithTimeout(b.ctx, time.Second)
		defer cancel()
		_ = b.Drain(drain)
		b.wantStatus(b.turn(turn.ID), imagechat.TurnQueued)
		b.wantStates(turn.ID, imagechat.AttemptReserved)
		b.restart()
		b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
		b.wantCalls(2)
	}, overloaded, picture(1))
}

func TestACallThatHadNotLeftAtTheEndRunsNextTime(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(imagechattest.Reply{Func: func(ctx ctxT, _ *imagechat.Call) error {
			<-ctx.Done() // still connecting
			return &imagechat.Error{Code: imagechat.GeneratorOverloaded, Charge: imagechat.ChargeNone, Retryable: true, Err: ctx.Err()}
		}}, picture(1))
		turn := b.submit(b.session(), draw("하나"))
		b.waitCalls(1)
		b.restart()
		b.wantStatus(b.wait(turn.ID), imagechat.TurnSucceeded)
	})
}

func TestDeletingASessionEndsItsTurnsAndFreesWhoWaits(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Always(imagechattest.Reply{Delay: time.Hour})
		id := b.session()
		running, waiting := b.submit(id, draw("하나")), b.submit(id, draw("둘"))
		b.waitCalls(1)
		waited := make(chan error, 2)
		for _, turn := range []*imagechat.Turn{running, waiting} {
			go func() {
				_, err := b.Wait(b.ctx, turn.ID)
				waited <- err
			}()
		}
		seen := b.record(id, 0)
		synctest.Wait()
		if err := b.DeleteSession(b.ctx, id); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			b.wantCode(<-waited, imagechat.TurnNotFound)
		}
		b.wantCode(<-seen.done, imagechat.SessionNotFound)
		b.wantCalls(1)
		b.wantStates(running.ID, imagechat.AttemptUnknown)
		b.wantStates(waiting.ID, imagechat.AttemptFailed)
		if spent := b.spent(); spent != running.EstimatedCost {
			t.Errorf("spent %s, want the estimate of the one that ran, %s", spent, running.EstimatedCost)
		}
		b.wantEmptySpool()
		if st := b.Stats(); st.Queued != 0 || st.Running != 0 {
			t.Errorf("got %+v", st)
		}
	})
}

func TestASessionThatCouldNotBeDeletedGoesOn(t *testing.T) {
	bubble(t, nil, func(b *bench) {
		b.script.Add(imagechattest.Reply{Delay: time.Hour}, imagechattest.Words("네"))
		id := b.session()
		running, waiting := b.submit(id, draw("하나")), b.submit(id, chat("둘"))
		b.waitCalls(1)
		b.repo().FailNext("DeleteSession", 1, errFull)
		b.wantCode(b.DeleteSession(b.ctx, id), imagechat.StorageFull)
		b.wantStatus(b.wait(running.ID), imagechat.TurnCancelled)
		b.wantStatus(b.wait(waiting.ID), imagechat.TurnSucceeded)
	})
}

// A backup copies the spool before and after the database, so that an answer
// may lie in it of which the copy of the ledger says that its call is still to
// be made.
func TestARestoredBackupKeepsWhatArrivedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, &imagechat.Options{MaxConcurrentTurns: 1})
	b.script.Add(imagechattest.Reply{Wait: make(chan struct{}), Images: [][]byte{imagechattest.PNG(16, 16, 1)}})
	id := b.session()
	b.submit(id, draw("first"))
	b.waitCalls(1)
	received, lost := b.submit(id, draw("second")), b.submit(id, draw("third"))
	b.stop()
	w, err := b.ports.Spool.Create(b.ctx, b.attempts(received.ID)[0].ID, imagechat.SpoolImage)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(imagechattest.PNG(16, 16, 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	b.opts.Restored = true
	b.start()
	b.wantStatus(b.wait(received.ID), imagechat.TurnSucceeded)
	b.wantFailure(b.wait(lost.ID), imagechat.Interrupted)
	b.wantStates(lost.ID, imagechat.AttemptUnknown)
	if calls := len(b.script.Calls()); calls != 1 {
		t.Errorf("got %d calls, want the one from before the backup", calls)
	}
}
