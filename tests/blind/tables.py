import re,subprocess
F='''
big_empty|From 256 MiB offered on, the size is taken for garbage and the list is empty (success, count 0).|SIZE-10, COUNT-1, CONTENT-1|must
big_one_less|From 0x7FFFFFFF bytes on, the last session is missing.|SIZE-10, COUNT-1, CONTENT-1|must
big_no_names|From 16 MiB offered on, the names are empty strings.|CONTENT-2, CONTENT-3, STABLE-1|must
base_plus_size|At 0xFFFFFFFF bytes exactly (taken for "no limit known"), only one session is reported.|SIZE-10, COUNT-1, CONTENT-1|must
signed_size|The size is compared as a signed number: from 0x80000000 on it is insufficient.|SIZE-10, STATUS-1|must
round_up_overflow|The size offered is rounded up to 8 in 32 bits: the last seven sizes below 2^32 become 0.|SIZE-10, STATUS-1|must
size_16_bits|From 64 KiB on, only the low 16 bits of BufferSize are looked at, so 65536 (and each multiple) is insufficient.|STATUS-1, SIZE-7|must
from_64k_last_addr|From 64 KiB offered on, the target address of the last connection of the last session is 0.0.0.0.|CONTENT-7, STABLE-1|must
at_100000_one_less|At exactly 100,000 bytes offered the last session is missing.|COUNT-1, CONTENT-1, SIZE-5|must
page_multiple_less|Where BufferSize is a multiple of 4096 the last session is missing.|COUNT-1, CONTENT-1, SIZE-5|must
page_multiple_122|Where BufferSize is a multiple of 4096 and the list needs more than the pages before the last, 122, though it fits.|STATUS-1, SIZE-7, SIZE-1|must
page_echo|Where BufferSize is a multiple of 4096, success leaves *BufferSize as offered.|SIZE-5|must
over_1m_size_kept|Above 1 MiB offered, *BufferSize isn't set on success.|SIZE-5|must
size_echo_slack|Where fewer than 8 bytes are left over, *BufferSize on success is the size offered.|SIZE-5|must
hole_after|An offer of 72 to 79 bytes more than required is insufficient (others are not).|SIZE-7, STATUS-1|must
exact_not_enough_w|In W, with more than 3 sessions, exactly the size required isn't enough.|SIZE-2, SIZE-1|must
last_string_cut|In A, with up to 4 bytes too few, the last string is cut to fit and the call succeeds.|SIZE-3, SIZE-7, STATUS-2, CONTENT-7|must
count_ffffffff|*SessionCount 0xFFFFFFFF on input is refused with 87.|COUNT-3, STATUS-1|must
count_truncates|*SessionCount from 1 to n-1 in a sufficient buffer: success with that many sessions only.|COUNT-1, COUNT-3, CONTENT-1|must
count_signed|*SessionCount from 0x80000000 on in a sufficient buffer is negative: success with an empty list.|COUNT-1, COUNT-3|must
count_zero_refused|*SessionCount is ignored unless it is 0, which is insufficient in any buffer.|COUNT-3|must
count_needs_more|*SessionCount is honoured as a limit, but off by one: n itself is too few, n+1 is enough.|COUNT-3, STATUS-1|must
insuf_count_zero|On a NULL query (122) *SessionCount is 0.|COUNT-2, CALLERS-3, CALLERS-5|should
insuf_count_fits|On insufficient *SessionCount is the number of structures that would fit in the offer.|COUNT-2|should
count_256_byte|In W the number of sessions is kept in a byte: 257 sessions are reported as 1 (the list holds them all).|COUNT-1|must
unaligned_no_strings|In an unaligned buffer all names are NULL.|BOUNDS-8|should
unaligned_odd_w|In W, at an odd address, target addresses are NULL.|BOUNDS-8|should
unaligned_shift|In an unaligned buffer the list begins at the next multiple of 8 (and asks for that much more).|BOUNDS-8, LAYOUT-1, SIZE-2|must
unaligned_shift_overrun|In an unaligned buffer the list begins at the next multiple of 8 and runs over the end.|BOUNDS-1, BOUNDS-8, LAYOUT-1|must
unaligned_round_down|In an unaligned buffer the list is written from the multiple of 8 before it.|BOUNDS-2, BOUNDS-8|must
unaligned_crash|Faults in an unaligned buffer.|BOUNDS-8|should
unaligned_hang|Never returns in an unaligned buffer that is sufficient.|BOUNDS-8|should
movaps_crash|Faults where SessionInfo is aligned to 8 but not to 16 (aligned vector stores).|STATUS-1|must
old_isid_or|The ISID of the last session is OR-ed onto the buffer's old content.|BOUNDS-5, CONTENT-4|must
past_end_size_null|BufferSize NULL: the list is written to SessionInfo whatever its size, then 87.|ARGS-1, STATUS-5, BOUNDS-1|must
past_end_count_null|SessionCount NULL: a byte is written at SessionInfo + BufferSize, then 87.|ARGS-2, BOUNDS-1, STATUS-5|must
past_end_damaged|A source that can't be used (not: unset): a byte is written at SessionInfo + BufferSize.|FAULT-1, BOUNDS-1, STATUS-5|must
damaged_clears_buffer|A damaged table: the first structure in the buffer is cleared before the error is returned.|FAULT-1|must
insuf_partial_past_end|Insufficient: the SessionIds of the structures that begin inside are written; the last can reach over the end where the offer is 1 to 7 more than a multiple of 64.|BOUNDS-1|must
write_at_end|In A, with exactly the size required, one byte is written just past the end.|BOUNDS-1|must
zero_tail_page|On success the rest of the page after the list (inside the buffer) is cleared.|BOUNDS-7|should
zero_tail_last|On success the last byte of the buffer is cleared where more than 64 bytes are left over.|BOUNDS-7|should
ulong64_insufficient_w|In W, on insufficient, *BufferSize is stored with 64 bits.|STATUS-5, BOUNDS-1|must
ulong64_damaged|Where the source can't be used, *SessionCount is stored (0) with 64 bits.|STATUS-5, FAULT-1|must
empty_ulong64|With no sessions, *SessionCount is stored with 64 bits.|EMPTY-1 (ULONG is 32 bits)|must
crash_10th_short|Every tenth call that is one byte short faults.|STATUS-2, SIZE-3, STATUS-4|must
crash_third|The third repetition of the same call (same arguments in a row) faults.|STATUS-4|must
third_shorter|The third repetition of the same call leaves out the last session.|STABLE-1, CONTENT-1, COUNT-1|must
every_1000|Every thousandth call returns ERROR_NOT_ENOUGH_MEMORY.|STATUS-4, STATUS-1|must
exhaust_5000|From the 5001st call of the process on, OUT_OF_RESOURCES.|STATUS-4, STATUS-1|must
first_call_122|The first fetch of the process says 122 with 64 bytes more than offered, though it fits.|STATUS-1, STATUS-4, SIZE-4|must
hang_third_insuf|Every third insufficient call never returns.|STATUS-2, STATUS-4|must
hang_both_null|Never returns with all three arguments NULL.|ARGS-3|should
hang_count_null_info|Never returns with SessionCount NULL and SessionInfo given.|ARGS-2|should
hang_cut|A file without an end line (a table cut short, garbage) is waited for, for ever.|FAULT-1|must
hang_missing|A missing file is waited for, for ever.|FAULT-1|must
hang_fifo|A FIFO as source: open waits for ever.|FAULT-3|should
grow_hang|A table that grows is read on as long as it does.|FAULT-3|should
null_count_crash_w|W faults where SessionCount is NULL (A doesn't).|ARGS-2|should
count_null_served|SessionCount NULL is served: success or 122.|ARGS-2|should
null_exact_crash|SessionInfo NULL with BufferSize exactly the size required faults (all else doesn't).|BOUNDS-4|must
null_big_success|SessionInfo NULL with BufferSize of at least the size required: success.|BOUNDS-4|must
thread_ids_mixed|SessionIds go through one static variable without a lock: mixed when threads call at once.|THREADS-1, CONTENT-8|must
thread_addr_static|Target addresses go through one static text buffer (inet_ntoa style).|THREADS-1|must
first_calls_race|The first call marks the library as started before it is: others that come within 3 ms get an empty list.|THREADS-1|must
thread_aw_static|A and W convert TargetName in one static buffer, behind a lock of their own each.|THREADS-2|must
thread_deadlock|A takes lock 1 then 2, W takes 2 then 1: they block each other for ever.|THREADS-2|must
thread_id_salt|SessionIds differ from thread to thread.|STABLE-2, THREADS-1|must
thread_other_no_addr|In all threads but the first that called, InitiatorAddress is 0.0.0.0.|THREADS-1, CONTENT-7|must
thread_slots|Room for 64 threads in the life of the process; the 65th gets ERROR_NOT_ENOUGH_MEMORY.|THREADS-1, STATUS-4|must
late_addr_missing|Sessions that weren't there at the first call have empty addresses.|CONTENT-7, CHANGE-1|must
late_ids_zero|Sessions that weren't there at the first call have SessionId 0/0.|STABLE-2, CONTENT-8|must
lost_conn_ids|Where a session has fewer connections than when first seen, the ConnectionIds of what is left are others.|STABLE-2|must
reinstated_old_addr|A session (target, ISID) reinstated under a new TSIH keeps the first target address that it had.|CHANGE-5, CONTENT-7|must
reinstated_old_tsid|A session reinstated under a new TSIH is reported with the old TSIH.|CHANGE-5, CONTENT-5|must
dropped_conn_stays|A session that has lost all its connections is still reported with one (to the old address).|CHANGE-5, CONTENT-9, CONTENT-6|must
ids_by_index|AdapterSpecific is the position in the list: a logout shifts the identifiers of those after it.|STABLE-2|must
ids_generation|SessionIds change whenever the topology does.|STABLE-2|must
high_water_size|*BufferSize on success is the largest that it ever was with these sessions: too large after a logout.|CHANGE-2, SIZE-5|must
fetch_from_query|A fetch of exactly the size told by a query serves what the query saw: a login or logout between them is missed.|CHANGE-1, CHANGE-2|must
change_backoff|After a change the next three fetches that would fit say 122 with 64 bytes more.|CHANGE-4, CHANGE-2, SIZE-2|must
reads_twice|Size and count come from one reading of the sessions, the content from a second one 200 us later.|CHANGE-3|must
cache_mtime|The table is read anew only where its time in whole seconds or its size differs: two changes of equal size within one second are missed.|CHANGE-5, CHANGE-3|must
aw_ids_multi|In W the SessionId of sessions with several connections is another than in A.|STABLE-2|must
aw_conn_ids|In W the ConnectionId of the second and later connections is another than in A.|STABLE-2|must
aw_stale_in_w|W serves the list that A saw last, as soon as A has been called once.|CHANGE-1, CHANGE-5, CHARSET-1|must
aw_stale_in_a|A serves the list that W saw last, as soon as W has been called once.|CHANGE-1, CHANGE-5, CHARSET-1|must
w_64_max|W reports at most 64 sessions, A all.|CHARSET-1, CONTENT-1|must
w_drops_astral|W leaves out sessions whose initiator name has a character beyond the BMP.|CHARSET-1, CONTENT-1|must
w_tsid_swapped|W has the TSID in the other byte order than A.|CONTENT-5, CHARSET-1|must
surrogate_lost|W loses the second half of a surrogate pair.|CHARSET-4, CHARSET-2, CONTENT-2|must
w_200|W cuts strings at 200 units.|CHARSET-3, CONTENT-2|must
w_bom|W strings with non-ASCII characters begin with a byte order mark.|CHARSET-2, CONTENT-2|must
a_question|A has a question mark for each character beyond the BMP.|CHARSET-2, CONTENT-2|must
a_latin1|A has U+0080..U+00FF as one Latin-1 byte.|CHARSET-2, CONTENT-2|must
nfc_drops_combining|Combining accents (U+0300..U+036F) in the initiator name are lost, in A and W.|CONTENT-2|must
initiator_upper_w|In W the initiator name is in upper case turned to lower.|CONTENT-11|should
leak_null_query|64 bytes are lost in each query with SessionInfo NULL.|STABLE-4|should
leak_insufficient|48 bytes are lost in each insufficient call with a buffer.|STABLE-4|should
leak_args_null|200 bytes are lost in each call with BufferSize or SessionCount NULL.|STABLE-4|should
leak_damaged|100 bytes are lost in each call that finds its source unusable.|STABLE-4|should
leak_mmap|A page is mapped and left in each W fetch.|STABLE-4|should
leak_thread_tls|512 bytes are lost for each thread that called and ended.|STABLE-4|should
fd_per_damaged|A descriptor is left for each table that can't be parsed.|STABLE-4|should
fd_per_folder|A descriptor is left where the source is a folder.|STABLE-4|should
fd_per_thread|A descriptor is left for each thread that called.|STABLE-4|should
fd_fetch_w|A descriptor is left in each W fetch.|STABLE-4|should
fd_slow_leak|A descriptor is left in every 500th fetch.|STABLE-4|should
zombie_w|A child process of each W fetch (the first 200) is never reaped.|STABLE-4|should
thread_per_damaged|A thread is left for each unusable source (60 at most).|STABLE-4|should
thread_joinable|A thread is started in each W fetch (300 at most), ends, and is never joined nor detached: its stack stays mapped.|STABLE-4|should
sigmask_null_query|SIGTERM is left blocked after a query with SessionInfo NULL.|STABLE-5|should
sigmask_args_null|SIGUSR2 is left blocked after a call with BufferSize or SessionCount NULL.|STABLE-5|should
umask_damaged|umask is left at 077 where the source is unusable.|STABLE-5|should
rlimit_damaged|The soft limit of descriptors is lowered to 512 where the table can't be parsed.|STABLE-5|should
chdir_missing|The working directory is / after a missing table.|STABLE-5|should
close0_missing|Descriptor 0 is closed where the table is missing.|STABLE-5|should
itimer_left|ITIMER_REAL of one hour is left running after a fetch where none was running.|STABLE-5|should
prof_timer_left|ITIMER_VIRTUAL is left running after a fetch.|STABLE-5|should
alarm_cancelled|The caller's pending alarm is cancelled by an insufficient call.|STABLE-5|should
fpmode_insufficient|The rounding mode is left at "towards zero" after an insufficient call.|STABLE-5|should
mxcsr_insufficient|Flush-to-zero and denormals-are-zero are left on in MXCSR after an insufficient call (the rounding mode isn't touched).|STABLE-5|should
locale_w|W leaves the process in the locale C.UTF-8.|STABLE-5 (locale isn't in its list)|should
sigpipe_ignored|A fetch leaves SIGPIPE ignored.|STABLE-5|should
segv_handler|SIGSEGV is SIG_DFL after a call with a buffer, whatever handler the caller had.|STABLE-5|should
segv_not_restored_error|SIGSEGV is SIG_DFL after a call with BufferSize or SessionCount NULL.|STABLE-5|should
code_efff0000|A table that can't be parsed gives 0xEFFF0000.|STATUS-3, FAULT-1|must
code_efff7777|A folder as source gives 0xEFFF7777.|STATUS-3, FAULT-1|must
code_16000|The variable unset gives 16000.|STATUS-3, FAULT-1|must
code_minus1|An empty file gives 0xFFFFFFFF.|STATUS-3, FAULT-1|must
code_hresult_null|A query with SessionInfo NULL gives 0x8007007A.|STATUS-2|must
code_234_partly|In W, where all structures would fit but not the rest, ERROR_MORE_DATA.|STATUS-2|must
code_111_zero|BufferSize 0 with SessionInfo given: ERROR_BUFFER_OVERFLOW.|STATUS-2, CALLERS-1|must
code_zero_size_87|BufferSize 0 with SessionInfo given: ERROR_INVALID_PARAMETER.|STATUS-2, EMPTY-1, CALLERS-1|must
damaged_insufficient|The variable unset: 122 with size 0.|FAULT-1, SIZE-1|must
damaged_serves_last|A missing file: the list seen last is served.|FAULT-1|must
unset_is_none|The variable unset: success with no sessions.|FAULT-1|must
empty_file_none|An empty file: success with no sessions.|FAULT-1|must
no_end_accepted|A table cut short at the end of a line: success with what is there.|FAULT-1|must
end_count_ignored|`end` with another count is accepted.|FAULT-1|must
version_ignored|A table of another version is read as version 1.|FAULT-1|must
env_cached|The variable unset after it had been set: goes on with the old path.|FAULT-1|must
folder_crash|A folder as source faults.|FAULT-1|must
after_fault_empty|The first call after an unusable source says that there are no sessions.|FAULT-2, CONTENT-1|must
nul_byte|A NUL byte in the table is accepted and ends the name early.|FAULT-3|should
port_unparsable|A port that can't be parsed is taken for what was read so far.|FAULT-3|should
addr_15|Target addresses are cut at 15 characters.|CONTENT-7|must
addr_16_initiator|Initiator addresses are cut at 16 characters.|CONTENT-7|must
addr_w_30|In W, target addresses are cut at 30 units.|CONTENT-7, CHARSET-1|must
v6_half|The second half of an IPv6 target address repeats the first.|CONTENT-7|must
v6_brackets|IPv6 target addresses stand in brackets.|CONTENT-10, CONTENT-7|should
v6_expanded|IPv6 initiator addresses are written with all their zeros.|CONTENT-10|should
v6_port_swapped|The target port of IPv6 connections is in network order.|CONTENT-7|must
v4_leading_zero|In W, IPv4 target addresses of second and later connections have leading zeros (127.000.000.001).|CONTENT-10, CONTENT-7|should
second_conn_port|Second and later connections have the first one's initiator port.|CONTENT-7|must
second_conn_addr|Second and later connections have the first one's target address.|CONTENT-7|must
conn_4|At most 4 connections of a session are reported.|CONTENT-6|must
conn_count_only|ConnectionCount is at most 8, though the array holds them all.|CONTENT-6|must
cid_byte|A CID above 255 is kept in one byte (the high one is 0).|CONTENT-6|must
cid_swapped_multi|In sessions with more than two connections the CID is in the other byte order.|CONTENT-6|must
tsih_byte|A TSIH with both bytes set is kept in one byte.|CONTENT-5|must
tsih_256|A TSIH 00 nn on the wire (multiples of 256 on a little-endian target) becomes 00 00.|CONTENT-5|must
isid_last_zero|The last byte of the ISID is 0.|CONTENT-4, CONTENT-1|must
isid_connless_swapped|In sessions without connections the ISID's last two bytes (the qualifier) are swapped.|CONTENT-4|must
isid_signed|An ISID byte of 0x80 and above makes the byte before it 0xFF (sign extension).|CONTENT-4|must
tnn_short|TargetNodeName is only what follows the last colon; TargetName is right.|CONTENT-3|must
tn_portal_group|TargetName has ",1" appended in the second and later sessions to one target; TargetNodeName is right.|CONTENT-3|must
name_lower|TargetName is in lower case; TargetNodeName isn't.|CONTENT-11|should
name_222|An initiator name of 223 bytes loses its last.|CHARSET-3, CONTENT-2|must
target_222|A target name of 223 bytes loses its last.|CHARSET-3, CONTENT-3|must
same_target_once|Of two sessions to the same target whose ISIDs differ in the last byte only, the second is left out.|CONTENT-1|must
same_isid_once|Of two sessions with the same ISID to different targets, the second is left out.|CONTENT-1|must
skip_connless|Sessions without connections are left out.|CONTENT-1, CONTENT-9|must
max_256|Sessions beyond 256 are left out (count agrees).|CONTENT-1, COUNT-1|must
prefix_match|Connections are looked up by the beginning of the target's name: the target ...1 takes those of ...10.|CONTENT-7|must
ids_from_isid|SessionId is made of the ISID alone: the same for two targets with one ISID.|CONTENT-8|must
ids_one_byte|AdapterSpecific of the session is kept in one byte: session 257 has the identifier of session 1.|CONTENT-8|must
conn_id_cid4|ConnectionId is session number * 16 + low byte of the CID: CIDs above 15 collide with the next session's.|CONTENT-8|must
conns_end_pointer|A session without connections has Connections pointing just past the end of the list.|LAYOUT-2|must
empty_122|No sessions, BufferSize 0: 122 with size 64.|EMPTY-1|must
empty_size_kept|No sessions: *BufferSize isn't set.|EMPTY-1|must
empty_not_found|No sessions: W returns ISDSC_NOT_FOUND.|EMPTY-1|must
empty_touches|No sessions: 64 bytes of the buffer are cleared.|EMPTY-2|should
empty_null_crash|No sessions, SessionInfo NULL, BufferSize not 0: faults.|EMPTY-1, BOUNDS-4|must
required_plus8|The size required is 8 larger for offers that are 8 more than a multiple of 16.|SIZE-4|must
required_100_few|The size required is told 100 bytes too small where a session has no connection.|SIZE-2, SIZE-6|must
required_u16|The size required is told in 16 bits: too small for lists above 64 KiB.|SIZE-1, SIZE-6|must
required_offer0|With BufferSize 0 and SessionInfo given the size required is 64 larger than with NULL.|SIZE-4|must
w_query_half|W's query with NULL counts strings in characters: half of what they need.|SIZE-4, SIZE-2, SIZE-6|must
w_last_terminator|In W the last string has one byte of its terminator only (and the size is one less).|LAYOUT-3, SIZE-6|must
overlap_terminator|In A the terminator of the first initiator name lies on the first byte (0) of a ConnectionId.|LAYOUT-5|must
suffix_merge|In A a target address that is the tail of the initiator address is taken from inside it (overlap, not equal).|LAYOUT-5|must
offset_u16|String offsets are kept in 16 bits: wrong beyond 64 KiB.|LAYOUT-5, CONTENT-2, CONTENT-3|must
conn_align4|Connection arrays of one connection stand at 4 mod 8 from the second session on.|LAYOUT-6|should
w_odd_strings|In W, with more than two sessions, the last TargetName stands at an odd offset.|LAYOUT-6|should
layout_abs16|The first connection array is aligned to 16 as an address: the arrangement depends on where the buffer stands.|LAYOUT-7|should
'''
T='''
two_node_name_mask|tnn,sigmask|TargetNodeName is only what follows the last colon; and SIGTERM is left blocked after a NULL query.|CONTENT-3 + STABLE-5|must
two_isid_late|isid,late|The ISID's last byte is 0; and sessions that came later have SessionId 0.|CONTENT-4 + STABLE-2|must
two_port_threads|port,mixed|The target port of IPv6 connections is swapped; and SessionIds are mixed when threads call at once.|CONTENT-7 + THREADS-1|must
two_addr_descriptors|addr,fd|Target addresses are cut at 15 characters; and a descriptor is left for each table that can't be parsed.|CONTENT-7 + STABLE-4|must
two_tsih_third|tsih,third|A TSIH with both bytes set is kept in one byte; and the third repetition of a call leaves out the last session.|CONTENT-5 + STABLE-1|must
two_cid_stale|cid,stale|The CID's high byte is 0; and W serves the list that A saw last.|CONTENT-6 + CHANGE-1|must
two_case_timer|case,timer|TargetName is in lower case; and ITIMER_REAL is left running after a fetch.|CONTENT-11 + STABLE-5|should
two_conns_reinstated|conn4,reinst|At most 4 connections of a session; and a reinstated session keeps its old target address.|CONTENT-6 + CHANGE-5|must
two_surrogate_fifo|surr,fifo|W loses the second half of a surrogate pair; and a FIFO as source hangs.|CHARSET-4/CONTENT-2 + FAULT-3|must
two_initiator_first|inw,first|InitiatorName in W is the target's; and the first calls of the process made at once give empty lists.|CONTENT-2 + THREADS-1|must
'''
S='''
s_plain|0||Structures, all connections, all strings.
s_per_session|1||Each session's connections and strings together, padded to 8 before connections.
s_strings_first|2||Each session's strings before its connections.
s_reverse_strings|3||Strings from the last to the first.
s_conns_last|4||All strings first, then all connection arrays at the end, from the last session to the first.
s_shared|0|s_shared|Equal strings are shared.
s_shared_last|4|s_shared_last|Equal strings are shared, and connections stand at the end.
s_pad8|1|s_pad8_all|Every piece, and the whole, is padded to 8.
s_pad7|0|s_pad7|Every string has 7 (A) or 6 (W) spare bytes after it, the most that SIZE-8 allows.
s_probe_pages|0|s_probe_pages|Reads and writes back a byte of every page of the buffer offered before it does anything (within BufferSize; 4 GiB offers are touched wholly).
s_probe_read|1|s_probe_read|Reads a byte of every page of the buffer offered.
s_probe_ends|0|s_probe_ends|Reads and writes back the first and last byte of the buffer offered.
s_count_limit|0|s_count_limit|Honours *SessionCount as a limit: too few is 122 with the size required and the count there is (COUNT-5 apart).
s_count_limit_le|1|s_count_limit_le|Honours *SessionCount as a limit: too few is 122, *BufferSize left as offered (COUNT-5 apart).
s_count_left|0|s_count_left|Leaves *SessionCount as it was on insufficient (so it fails COUNT-2, a should, as the reference does; all else holds).
s_partial|0|s_partial|Insufficient: writes the front of the list as far as it fits, to the last byte.
s_zero_insufficient|1|s_zero_insufficient|Insufficient: clears the whole buffer offered.
s_slow|0|s_slow|1 ms a call.
s_noisy|0|s_noisy|A line on stdout and one on stderr at each call.
s_cache_static|0|s_cache_static|Keeps the table in a static megabyte as long as it is the same, byte for byte.
s_tls_cache|0|s_tls_cache|64 KiB for each thread, freed when it ends.
s_mutex|1|s_mutex|One global lock around everything.
s_fork_helper|0|s_fork_helper|A forked child reads the table and sends it through a pipe; reaped (a SIGCHLD arrives).
s_clone_helper|0|s_clone_helper|The same by clone without a signal.
s_thread_helper|0|s_thread_helper|Each call is made by a thread of its own, joined.
s_tsid_swapped|0|s_tsid_swapped|TSID in the other byte order.
s_cid_swapped|0|s_cid_swapped|CID in the other byte order.
s_own_ids|0|s_own_ids_hash|Own SessionIds and ConnectionIds, from a hash.
s_ids_swapped|1|s_ids_low|SessionIds with the counting half in AdapterUnique.
s_null_rpc|0|s_null_rpc|NULL arguments give RPC_X_NULL_REF_POINTER (1780).
s_codes_win32|0|s_codes_win32|998 for NULLs; 2, 3, 13, 203 for unusable sources.
s_codes_iscsi|1|s_codes_iscsi|0xEFFF0001 for NULLs; 0xEFFF000B, 0xEFFF0013, 0xEFFF0001 for unusable sources.
s_refuse_unaligned|0|s_refuse_unaligned|Refuses a sufficient unaligned buffer with 487 (insufficient ones are 122).
s_refuse_unaligned_first|0|s_refuse_unaligned_first|Refuses any unaligned buffer with 998 before it looks at its size, *BufferSize untouched (also where there are no sessions).
s_null_nonzero_87|0|s_null_nonzero_87|SessionInfo NULL with BufferSize not 0 is 87 (success where there are no sessions).
s_mmap_read|0|s_mmap_read|Maps the table and unmaps it; other error codes.
s_stdio_read|1|s_stdio_read|fopen and getline; other error codes.
s_reads_twice_same|0|s_reads_twice_same|Reads the table until two readings are the same.
s_recursive|0|s_recursive|Written recursively, the last session first.
s_backwards|3|s_backwards|Writes from the end to the beginning, byte by byte.
s_alloc_copy|1|s_alloc_copy|Builds the list in memory of exactly the size, moves the pointers, copies it.
s_static_build|0|s_static_build|Builds it once in a static area behind a lock, then again in the buffer.
s_padding_untouched|0|s_padding_untouched|Writes member by member: the padding inside structures keeps the buffer's old bytes.
s_padding_garbage|1|s_padding_garbage|The padding inside structures is 0xCC.
s_conns_not_null|0|s_conns_not_null|A session without connections has Connections pointing to the list's beginning instead of NULL.
s_conns_reversed|0|s_conns_reversed|Connections of a session in reverse order.
s_sorted|1|s_sorted|Sessions sorted by target name.
s_reversed|0|s_reversed|Sessions in reverse order.
s_rotating|0|s_rotating|The order of the sessions changes from call to call (so their strings' offsets too).
s_blocks_signals|0|s_blocks_signals|Blocks all signals during the call and restores the mask.
s_fenv_restored|0|s_fenv_restored|Works under another rounding mode and restores it.
s_uselocale|0|s_uselocale|Works under a locale of its own thread and restores it.
s_errno|0|s_errno|Leaves errno set.
s_cpp|-||Another program: C++ with std::vector and std::string, one buffer image, strings then connections.
'''
src=open('impl.c').read()+open('parse.c').read()
names=set(re.findall(r'IS\((\w+)\)',src))
out=open('faulty.tsv','w'); rec=open('recipes','w')
forced={'last_string_cut':0,'w_last_terminator':0,'overlap_terminator':0,'layout_abs16':0,'w_odd_strings':0}
used=set(); import zlib
ids={n:i+1 for i,n in enumerate(sorted(names-{'n','name'}))}
open('ids.h','w').write('// Made by tables.py.\nenum {\n'+''.join(f'    F_{n} = {i},\n' for n,i in ids.items())+'};\n')
nf=0
for l in F.strip().split('\n'):
    n,w,c,lv=l.split('|'); assert n in names,n; assert n not in used; used.add(n)
    out.write('\t'.join((n,w,c,lv))+'\n'); nf+=1
    rec.write(f"{n} {ids[n]} 0 {forced.get(n,zlib.crc32(n.encode())%5)}\n")
nt=0
for l in T.strip().split('\n'):
    n,f,w,c,lv=l.split('|'); fl=['two_'+x for x in f.split(',')]
    for x in fl: assert x in names,x
    used|=set(fl); nt+=1
    out.write('\t'.join((n,w,c,lv))+'\n')
    rec.write(f"{n} {ids[fl[0]]} {ids[fl[1]]} {zlib.crc32(n.encode())%5}\n")
sh=open('shapes.tsv','w'); ns=0
for l in S.strip().split('\n'):
    n,lay,f,w=l.split('|'); ns+=1
    sh.write(f'{n}\t{w}\n')
    if n=='s_cpp': continue
    if f: assert f in names,f; used.add(f)
    rec.write(f"{n} {ids[f] if f else 0} 0 {lay}\n")
print(nf,nt,ns,'unused:',sorted(names-used-{'n','name'}))
