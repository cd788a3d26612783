"""Reading source ahead of time: from every async function down to what it would block on."""
