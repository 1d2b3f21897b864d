// SPDX-License-Identifier: Apache-2.0
// What a correct implementation may do otherwise than the reference: the kit must not call it
// wrong.
#ifndef TCK_SHAPE_H
#define TCK_SHAPE_H

#include "conformance/reference/list_writer.h"

struct shape {
    bool interleaved;     // each session's connections and strings together, behind the structures
    bool shared;          // equal strings near each other stand once
    bool padded;          // every piece aligned to 8
    bool count_is_limit;  // *SessionCount on input below the number of sessions: insufficient
    bool own_identifiers; // SessionId and ConnectionId of its own making
    bool reversed;        // the last session first
    bool partial;         // an insufficient buffer is filled as far as it goes
    bool tsid_reversed;   // TSID with the bytes of the TSIH reversed
    bool cid_reversed;    // CID likewise
    bool strict;          // refuses unaligned buffers, and sizes without a buffer
    bool slow;
    bool noisy;
    bool threaded; // the work is done in a thread of its own
    bool restores; // changes locale, signals and floating-point mode, and puts them back
    bool w_reverses_connections; // W lists the connections of a session from the last to the first
    bool rotates;                // the list begins with another session in each call
    bool cached;                 // the list is kept as long as its source is the same one
    bool probes; // touches every page of the buffer before it writes, as IsBadWritePtr does
    // What Windows is seen to do; tolerated by the profile of that name.
    bool spare;              // asks for more than it uses, and says on success that it used that
    bool wants_room;         // asks for a buffer where there are no sessions
    bool no_node_name;       // TargetNodeName is NULL
    bool no_initiator;       // InitiatorAddress is "0.0.0.0"
    bool no_tsid;            // TSID is 00 00 in a session without connections
    bool no_access_to_large; // ERROR_NOACCESS for very large offers
};

struct shape_call {
    enum list_charset charset;
    uint32_t *size;  // BufferSize, not NULL
    uint32_t *count; // SessionCount, not NULL
    void *info;      // SessionInfo
};

// Answers a call in that shape.
uint32_t shape_answer(const struct shape *shape, const struct shape_call *call);

#endif
