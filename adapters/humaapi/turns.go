package humaapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// maxWait bounds Prefer: wait and is how long the synchronous routes hold a
// request open.
const maxWait = 300 * time.Second

// TurnPath is the part of a path that names a turn.
type TurnPath struct {
	TurnID imagechat.TurnID `path:"turn_id" doc:"The turn's id"`
}

type createTurnInput struct {
	SessionPath
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same key in the same session returns the first turn, never a second charge"`
	Prefer         string `header:"Prefer" maxLength:"200" doc:"wait=N waits up to N seconds (1–300) for the turn to end (RFC 7240)" example:"wait=60"`
	Body           wire.TurnRequest
}

type estimateInput struct {
	SessionPath
	Body wire.TurnRequest
}

// turnAnswer is a turn with the status that tells whether it ended.
type turnAnswer struct {
	Status   int
	Location string `header:"Location" doc:"Path of the turn"`
	Applied  string `header:"Preference-Applied"`
	Body     wire.Turn
}

// Estimate is what a request would cost at most.
type Estimate struct {
	EstimatedCostUSD imagechat.USD `json:"estimated_cost_usd" example:"0.04"`
}

func (ops *operations) registerTurns(api huma.API) {
	add(api, huma.Operation{
		OperationID: "createTurn", Method: http.MethodPost, Path: base + "/sessions/{session_id}/turns", DefaultStatus: http.StatusAccepted,
		Tags: []string{"turns"}, Summary: "Say something and get words or pictures back",
		Description: "The turn is saved before the answer and survives a crash of the server. It runs on its own; follow it with the socket, the event stream or GET /turns/{turn_id}. 200 instead of 202 when it ended within Prefer: wait.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The turn, which ended within Prefer: wait",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: ref("Turn")}},
		}},
		Errors: with(http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound, http.StatusConflict,
			http.StatusRequestEntityTooLarge),
	}, ops.createTurn)
	add(api, huma.Operation{
		OperationID: "estimateTurn", Method: http.MethodPost, Path: base + "/sessions/{session_id}/estimate",
		Tags: []string{"turns"}, Summary: "What a turn would cost at most", Description: "Nothing is saved and nothing is spent.", Metadata: map[string]any{readsOnly: true},
		Errors: with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge),
	}, ops.estimateTurn)
	add(api, huma.Operation{
		OperationID: "getTurn", Method: http.MethodGet, Path: base + "/turns/{turn_id}",
		Tags: []string{"turns"}, Summary: "Look at a turn", Errors: with(http.StatusNotFound),
	}, ops.getTurn)
	add(api, huma.Operation{
		OperationID: "cancelTurn", Method: http.MethodPost, Path: base + "/turns/{turn_id}/cancel",
		Tags: []string{"turns"}, Summary: "End a turn now", Errors: with(http.StatusNotFound, http.StatusConflict),
	}, ops.cancelTurn)
	add(api, huma.Operation{
		OperationID: "retryTurn", Method: http.MethodPost, Path: base + "/turns/{turn_id}/retry", DefaultStatus: http.StatusAccepted,
		Tags: []string{"turns"}, Summary: "Run a failed or cancelled turn again", Description: "The same turn with attempt + 1. It may be charged again.",
		Errors: with(http.StatusNotFound, http.StatusConflict, http.StatusPaymentRequired),
	}, ops.retryTurn)
}

func (ops *operations) createTurn(ctx context.Context, in *createTurnInput) (*turnAnswer, error) {
	l := wire.LocaleOf(ctx)
	// The turn is taken in or not, whatever becomes of the client meanwhile.
	sub, err := wire.CallerOf(ctx).Submit(detached(ctx), ops.svc, in.SessionID, in.Body.Core(l.Lang), in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	out := &turnAnswer{Status: http.StatusAccepted, Location: turnLocation(sub.Turn.ID)}
	turn := sub.Turn
	if wait := preferredWait(in.Prefer); wait > 0 {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		// One that has not ended when the wait is over is answered as it stands.
		if turn, err = ops.svc.Wait(waiting, sub.Turn.ID); turn == nil {
			return nil, err
		}
		out.Applied = "wait=" + strconv.Itoa(int(wait/time.Second))
		if turn.Status.Ended() {
			out.Status = http.StatusOK
		}
	}
	out.Body = ops.turn(ctx, turn)
	return out, nil
}

// turn shows a turn; its problem carries the id of this request.
func (ops *operations) turn(ctx context.Context, t *imagechat.Turn) wire.Turn {
	w := wire.NewTurn(t, wire.LocaleOf(ctx))
	if w.Error != nil {
		w.Error.RequestID = requestIDOf(ctx)
	}
	return w
}

func turnLocation(id imagechat.TurnID) string { return base + "/turns/" + string(id) }

// preferredWait reads "wait=N" out of a Prefer header (RFC 7240 §4.3), 0 when it is not there.
func preferredWait(prefer string) time.Duration {
	for part := range strings.FieldsFuncSeq(prefer, func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
		if err != nil || seconds < 1 {
			return 0
		}
		return min(time.Duration(seconds)*time.Second, maxWait)
	}
	return 0
}

func (ops *operations) estimateTurn(ctx context.Context, in *estimateInput) (*body[Estimate], error) {
	usd, err := ops.svc.Estimate(ctx, in.SessionID, in.Body.Core(wire.LocaleOf(ctx).Lang))
	return answer(Estimate{EstimatedCostUSD: usd}, err)
}

func (ops *operations) getTurn(ctx context.Context, in *TurnPath) (*body[wire.Turn], error) {
	t, err := ops.svc.Turn(ctx, in.TurnID)
	if err != nil {
		return nil, err
	}
	return answer(ops.turn(ctx, t), nil)
}

func (ops *operations) cancelTurn(ctx context.Context, in *TurnPath) (*body[wire.Turn], error) {
	t, err := ops.svc.Cancel(detached(ctx), in.TurnID)
	if err != nil {
		return nil, err
	}
	return answer(ops.turn(ctx, t), nil)
}

func (ops *operations) retryTurn(ctx context.Context, in *TurnPath) (*created[wire.Turn], error) {
	t, err := ops.svc.Turn(ctx, in.TurnID)
	if err != nil {
		return nil, err
	}
	// A turn that runs already, as after a broken line, is no new one.
	if t.Status == imagechat.TurnFailed || t.Status == imagechat.TurnCancelled {
		if err := wire.CallerOf(ctx).AllowTurn(); err != nil {
			return nil, err
		}
	}
	t, err = ops.svc.Retry(detached(ctx), in.TurnID)
	if err != nil {
		return nil, err
	}
	return &created[wire.Turn]{Location: turnLocation(t.ID), Body: ops.turn(ctx, t)}, nil
}
