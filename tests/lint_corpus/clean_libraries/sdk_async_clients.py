"""Async clients of SDKs, and sync ones in threads."""
# NOT RUN: the SDKs are not installed

import asyncio

import anthropic
import openai
import qdrant_client


class Assistant:
    def __init__(self):
        self.client = openai.AsyncOpenAI(api_key="k")
        self.sync_client = openai.OpenAI(api_key="k").with_options(timeout=3)

    async def answer(self, text):
        chunks = await self.client.chat.completions.create(model="m", messages=[], stream=True)
        return "".join([chunk.text async for chunk in chunks])

    async def answer_in_thread(self, text):
        return await asyncio.to_thread(self.sync_client.responses.create, model="m", input=text)


async def main():
    assistant = Assistant()
    await assistant.answer("a")
    await assistant.answer_in_thread("b")
    async with anthropic.AsyncAnthropic().messages.stream(model="m", messages=[]) as stream:
        async for text in stream.text_stream:
            print(text)
    await qdrant_client.AsyncQdrantClient("http://127.0.0.1").query_points("c")
    print(assistant.sync_client.api_key.strip())
